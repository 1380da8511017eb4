from dataclasses import dataclass

from application.check_password import CheckPassword
from application.ports.clock import Clock
from application.ports.entropy import Entropy
from application.ports.passwords import Passwords
from application.ports.profiles import Profiles
from application.ports.users import Users
from domain.email import EmailAddress, email_address
from domain.errors import InvalidInput
from domain.ids import UserId
from domain.secret import Secret
from domain.user import Profile, User


@dataclass(frozen=True, slots=True)
class CreateUser:
    """An operator makes an account, and answers for its address; or moves one over with the hash of its password."""

    users: Users
    profiles: Profiles
    passwords: Passwords
    check_password: CheckPassword
    entropy: Entropy
    clock: Clock

    async def __call__(
        self, *, email: str, password: Secret | None, password_hash: str | None, full_name: str | None, verified: bool
    ) -> User:
        """One of ``password`` and ``password_hash``; the hash is argon2's or bcrypt's. Raises InvalidInput,
        EmailTaken, Overloaded."""
        address, now = email_address(email), self.clock.now()
        hashed = await self._hash(address, password, password_hash)
        made = User(UserId(self.entropy.identifier()), address, hashed, now)
        user = made.proven(now) if verified else made
        await self.users.add(user)
        await self.profiles.update(user.id, Profile(full_name=full_name, updated_at=now))
        return user

    async def _hash(self, email: EmailAddress, password: Secret | None, password_hash: str | None) -> str:
        if password is not None:
            return await self.passwords.hash(self.check_password(password, email=email))
        if password_hash is None or not self.passwords.is_known(password_hash):
            raise InvalidInput("password_hash", "This is neither an argon2 hash nor one of bcrypt.")
        return password_hash
