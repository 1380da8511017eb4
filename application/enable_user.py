from dataclasses import dataclass

from application.change_credentials import ChangeCredentials
from application.ports.clock import Clock
from application.ports.users import Users
from domain.email import email_address
from domain.errors import NotFound, VersionSuperseded
from domain.user import User


@dataclass(frozen=True, slots=True)
class EnableUser:
    """An operator lets an account in, or shuts it out: then its sessions end at once, and what it stored stays."""

    users: Users
    change_credentials: ChangeCredentials
    clock: Clock

    async def __call__(self, email: str, *, enabled: bool) -> User:
        """Raises InvalidInput, NotFound."""
        address = email_address(email)
        while True:
            user = await self.users.by_email(address)
            if user is None:
                raise NotFound
            try:
                if enabled:
                    return await self.users.update(user.enabled())
                return await self.change_credentials(user, user.disabled(self.clock.now()))
            except VersionSuperseded:
                continue
