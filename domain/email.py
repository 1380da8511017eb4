"""E-mail addresses: one spelling for each mailbox (RFC 5321 section 2.3.11, RFC 5890 for the domain)."""

import re
import unicodedata
from typing import NewType

from domain.errors import InvalidInput

EmailAddress = NewType("EmailAddress", str)
"""Canonical: NFC, lower case, domain in its ASCII form."""

_LOCAL = re.compile(r"[^\s@\"(),:;<>\[\\\]\x00-\x1f\x7f]{1,64}")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_MAX_LENGTH = 254
_MAX_TYPED = 320


def email_address(text: str) -> EmailAddress:
    """The canonical spelling of ``text``. Raises InvalidInput unless it can be an address."""
    # First of all: normalising a long run of accents takes time by its square.
    if len(text) > _MAX_TYPED:
        raise InvalidInput("email", "This is not an e-mail address.")
    local, at, domain = unicodedata.normalize("NFC", text.strip()).lower().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise InvalidInput("email", "This is not an e-mail address.") from error
    labels = ascii_domain.split(".")
    address = f"{unicodedata.normalize('NFC', local)}@{ascii_domain}"
    plausible = (
        at
        and _LOCAL.fullmatch(local)
        and local.isprintable()
        and len(labels) > 1
        and all(_LABEL.fullmatch(label) for label in labels)
        and len(address.encode("utf-8", "surrogatepass")) <= _MAX_LENGTH
    )
    if not plausible:
        raise InvalidInput("email", "This is not an e-mail address.")
    return EmailAddress(address)
