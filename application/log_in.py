from dataclasses import dataclass

from application.open_session import OpenedSession, OpenSession
from application.ports.passwords import Passwords
from application.ports.users import Users
from domain.email import email_address
from domain.errors import InvalidInput, LoginFailed
from domain.password import is_too_long, normalised
from domain.secret import Secret
from domain.user import User


@dataclass(frozen=True, slots=True)
class LogIn:
    """A person proves an account with its password."""

    users: Users
    passwords: Passwords
    open_session: OpenSession

    async def __call__(self, *, email: str, password: Secret, device: str) -> OpenedSession:
        """Raises LoginFailed, the same for every reason and after the same work; a password longer than any can be is
        refused at once, whoever has the account. Raises Overloaded."""
        user = await self._user(email)
        if is_too_long(password):
            raise LoginFailed
        verified = await self.passwords.verify(normalised(password), user.password_hash if user else None)
        if user is None or not verified:
            raise LoginFailed
        return await self.open_session(user.id, device=device)

    async def _user(self, email: str) -> User | None:
        try:
            return await self.users.by_email(email_address(email))
        except InvalidInput:
            return None
