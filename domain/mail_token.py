"""The secret in a link that is mailed: whoever shows it reads the mail of that address."""

from hashlib import sha256
from typing import NewType

from domain.secret import Secret

MailTokenHash = NewType("MailTokenHash", bytes)
"""SHA-256 of the token; the token itself is known only to the mail."""


def mail_token_hash(token: Secret) -> MailTokenHash:
    return MailTokenHash(sha256(token.reveal().encode("utf-8", "surrogatepass")).digest())
