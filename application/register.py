from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.entropy import Entropy
from application.ports.passwords import Passwords
from application.ports.profiles import Profiles
from application.ports.users import Users
from domain.email import email_address
from domain.errors import EmailTaken
from domain.ids import UserId
from domain.password import acceptable
from domain.secret import Secret
from domain.user import Profile, User


@dataclass(frozen=True, slots=True)
class Register:
    """A person makes an account."""

    users: Users
    profiles: Profiles
    passwords: Passwords
    entropy: Entropy
    clock: Clock
    password_min_length: int

    async def __call__(self, *, email: str, password: Secret, full_name: str | None) -> tuple[User, Profile]:
        """Raises InvalidInput, EmailTaken, Overloaded."""
        address = email_address(email)
        accepted = acceptable(password, min_length=self.password_min_length)
        if await self.users.by_email(address):
            raise EmailTaken
        now = self.clock.now()
        user = User(UserId(self.entropy.identifier()), address, await self.passwords.hash(accepted), now)
        profile = Profile(full_name=full_name, updated_at=now)
        await self.users.add(user)
        await self.profiles.put(user.id, profile)
        return user, profile
