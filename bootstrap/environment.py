"""Settings as text: from the environment, then from a file; remembered with their source, so that they can be shown."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values


class SettingsRefused(Exception):
    """A setting that the product will not start with; the message says in one line what to do."""


@dataclass(frozen=True, slots=True)
class Found:
    """A setting as it was asked for."""

    value: str
    source: str
    secret: bool


@dataclass(slots=True)
class Environment:
    """Texts by name. Empty ones and samples (``your-…``) count as unset."""

    variables: Mapping[str, str]
    file: Mapping[str, str]
    asked: dict[str, Found] = field(default_factory=dict)

    @classmethod
    def here(cls, directory: Path) -> "Environment":
        """The process's variables, and ``.env`` in ``directory``. Raises SettingsRefused when that cannot be read."""
        file = directory / ".env"
        try:
            texts = dotenv_values(file, interpolate=False)
        except OSError as error:
            raise SettingsRefused(f"{file} cannot be read: {error.strerror}.") from error
        except UnicodeError as error:
            raise SettingsRefused(f"{file} is not text in UTF-8.") from error
        return cls(dict(os.environ), {name: text for name, text in texts.items() if text is not None})

    def get(self, name: str, *, secret: bool = False) -> str | None:
        for source, texts in (("environment", self.variables), (".env", self.file)):
            text = texts.get(name, "").strip()
            if text and not text.lower().startswith("your-"):
                self.asked[name] = Found(text, source, secret)
                return text
        return None

    def text(self, name: str, default: str, *, source: str = "default") -> str:
        text = self.get(name)
        if text is None:
            self.asked[name] = Found(default, source, secret=False)
            return default
        return text

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        text = self.text(name, default).lower()
        if text not in allowed:
            raise SettingsRefused(f"{name} is {text!r}; it can be {' or '.join(allowed)}.")
        return text

    def flag(self, name: str, *, default: bool) -> bool:
        return self.choice(name, str(default).lower(), ("true", "false", "1", "0")) in ("true", "1")

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        text = self.text(name, str(default))
        if not text.isdecimal() or not least <= int(text) <= most:
            raise SettingsRefused(f"{name} is {text!r}; it can be a whole number from {least} to {most}.")
        return int(text)
