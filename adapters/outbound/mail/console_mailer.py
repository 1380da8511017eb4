from adapters.outbound.mail.message import MessageRenderer
from application.ports.mailer import Mailer
from domain.errors import MailerUnavailable
from domain.mail import Mail


class ConsoleMailer(Mailer):
    """Standard output, for a developer without a mail server."""

    def __init__(self, renderer: MessageRenderer) -> None:
        self._renderer = renderer

    async def send(self, mail: Mail) -> None:
        message = self._renderer.render(mail)
        lines = [f"Mail to {message.to}: {message.subject}"]
        if mail.link is not None:
            lines.append(f"  {mail.link.reveal()}")
        try:
            print(*lines, "", sep="\n", flush=True)
        except (OSError, ValueError) as error:
            # A closed pipe, a closed file, an address that the terminal's encoding cannot say.
            raise MailerUnavailable("standard output cannot be written to") from error
