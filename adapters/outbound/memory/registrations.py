from collections.abc import Sequence

from application.ports.registrations import Registrations
from domain.email import EmailAddress
from domain.mail_token import MailTokenHash
from domain.registration import Registration


class MemoryRegistrations(Registrations):
    def __init__(self) -> None:
        self._waiting: dict[MailTokenHash, Registration] = {}

    async def add(self, registration: Registration) -> None:
        self._waiting[registration.token] = registration

    async def by_token(self, token: MailTokenHash) -> Registration | None:
        return self._waiting.get(token)

    async def of(self, email: EmailAddress) -> Sequence[Registration]:
        found = (registration for registration in self._waiting.values() if registration.email == email)
        return sorted(found, key=lambda registration: (registration.created_at, registration.token), reverse=True)

    async def remove(self, registration: Registration) -> None:
        self._waiting.pop(registration.token, None)
