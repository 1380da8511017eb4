"""What a person may know of a provider."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    slug: str
    name: str
    logo: str
    """An SVG picture as a data URI."""
    kinds: tuple[str, ...]
    """What is read from it, singular, in the order of reading."""
    configured: bool
    """Whether there is a client id and secret, real or the sandbox's."""
    sandbox: bool
    """Whether the sandbox plays it."""
