"""What is left of an account that was deleted."""

from hashlib import sha256
from typing import NewType

from domain.ids import UserId

DeletedAccount = NewType("DeletedAccount", bytes)
"""SHA-256 of its id, which was random: it tells an old copy of the account from others, and nothing else."""


def deleted_account(user: UserId) -> DeletedAccount:
    return DeletedAccount(sha256(user.encode()).digest())
