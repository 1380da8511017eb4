import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from application.ports.passwords import Passwords
from domain.errors import Overloaded
from domain.secret import Secret

_Result = TypeVar("_Result")
_QUEUE_PER_THREAD = 16


class Argon2Passwords(Passwords):
    """argon2id (RFC 9106) with the parameters of OWASP's password storage cheat sheet, in threads of its own."""

    def __init__(self, *, memory_kib: int = 19_456, iterations: int = 2, threads: int | None = None) -> None:
        self._hasher = PasswordHasher(time_cost=iterations, memory_cost=memory_kib, parallelism=1)
        threads = threads or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="argon2")
        self._waiting, self._most = 0, threads * _QUEUE_PER_THREAD
        self._reference = self._hasher.hash("reference")

    async def hash(self, password: Secret) -> str:
        return await self._in_thread(lambda: self._hasher.hash(_bytes(password)))

    async def verify(self, password: Secret, hashed: str | None) -> bool:
        matches = await self._in_thread(lambda: self._verify(password, hashed or self._reference))
        return matches and hashed is not None

    def _verify(self, password: Secret, hashed: str) -> bool:
        try:
            return self._hasher.verify(hashed, _bytes(password))
        except (VerificationError, InvalidHashError):
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


def _bytes(password: Secret) -> bytes:
    return password.reveal().encode("utf-8", "surrogatepass")
