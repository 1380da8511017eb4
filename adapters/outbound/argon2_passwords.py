import asyncio
import os
import re
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TypeVar

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import HashingError, VerificationError

from application.ports.passwords import Passwords
from domain.errors import Overloaded
from domain.secret import Secret

_Result = TypeVar("_Result")
_QUEUE_PER_THREAD = 16
_NICENESS = 10
# The shortest salt has 8 bytes, the shortest hash 4 (RFC 9106 section 3.1 and its reference implementation).
_ARGON2 = re.compile(
    r"\$argon2(id|i|d)\$(v=[0-9]{1,3}\$)?m=[0-9]{1,10},t=[0-9]{1,10},p=[0-9]{1,10}"
    r"\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{6,}"
)
# A cost above 16 is seconds to weeks in a thread that nothing can stop. The last character of a salt has two bits.
_BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
_BCRYPT_BYTES = 72


class Argon2Passwords(Passwords):
    """argon2id (RFC 9106), by default with parameters of OWASP's password storage cheat sheet, in threads of its own.
    Hashes that others made by argon2 or bcrypt are verified too. ``memory_kib`` is at least 8 for each of
    ``parallelism``; argon2.exceptions.HashingError is raised where this machine has not as much."""

    def __init__(
        self, *, memory_kib: int = 19_456, iterations: int = 2, parallelism: int = 1, threads: int | None = None
    ) -> None:
        self._hasher = PasswordHasher(time_cost=iterations, memory_cost=memory_kib, parallelism=parallelism)
        threads = threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2", initializer=_give_way)
        self._waiting, self._most = 0, threads * _QUEUE_PER_THREAD
        self._reference = self._hasher.hash("reference")

    async def hash(self, password: Secret) -> str:
        return await self._in_thread(lambda: self._hash(password))

    async def verify(self, password: Secret, hashed: str | None) -> bool:
        matches = await self._in_thread(lambda: self._verify(password, self._reference if hashed is None else hashed))
        return matches and hashed is not None

    def is_outdated(self, hashed: str) -> bool:
        # More than is asked for is brought back too: an account must not stand out by the time that its login takes.
        return not _ARGON2.fullmatch(hashed) or self._hasher.check_needs_rehash(hashed)

    def is_known(self, hashed: str) -> bool:
        return bool(_ARGON2.fullmatch(hashed) or _BCRYPT.fullmatch(hashed))

    def _hash(self, password: Secret) -> str:
        try:
            return self._hasher.hash(_bytes(password))
        except HashingError as error:  # no memory for it
            raise Overloaded("A password could not be hashed.", retry_after=2) from error

    def _verify(self, password: Secret, hashed: str) -> bool:
        if _BCRYPT.fullmatch(hashed):
            return _matches_bcrypt(_bytes(password), hashed.encode())
        try:
            return bool(_ARGON2.fullmatch(hashed)) and self._hasher.verify(hashed, _bytes(password))
        except VerificationError:
            return False

    async def _in_thread(self, work: Callable[[], _Result]) -> _Result:
        if self._waiting >= self._most:
            raise Overloaded("Too many passwords are being checked.", retry_after=2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _matches_bcrypt(password: bytes, hashed: bytes) -> bool:
    # bcrypt reads 72 bytes; the libraries that made these hashes dropped the rest, this one refuses it.
    matches = bcrypt.checkpw(password[:_BCRYPT_BYTES], hashed)
    # It also reads a short password around and around with a NUL between: "a\0a" would match the hash of "a". Asked
    # last, so that the answer takes as long as any other.
    return matches and b"\0" not in password


def _give_way() -> None:
    """Let the event loop go before this thread. On other systems than Linux a priority is the whole process's."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


def _bytes(password: Secret) -> bytes:
    return password.reveal().encode("utf-8", "surrogatepass")
