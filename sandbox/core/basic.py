"""How a client says who it is by HTTP Basic (RFC 7617, RFC 6749 section 2.3.1)."""

from base64 import b64decode


def basic_credentials(authorization: str) -> tuple[str, str] | None:
    """Id and secret in an ``Authorization`` header, both empty when they cannot be read; None when it is not Basic."""
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:
        # Not ASCII, not base64 or not UTF-8.
        return "", ""
    return client_id, secret
