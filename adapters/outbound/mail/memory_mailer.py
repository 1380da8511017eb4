from application.ports.mailer import Mailer
from domain.mail import Mail


class MemoryMailer(Mailer):
    def __init__(self) -> None:
        self.mails: list[Mail] = []
        """Oldest first."""

    async def send(self, mail: Mail) -> None:
        self.mails.append(mail)
