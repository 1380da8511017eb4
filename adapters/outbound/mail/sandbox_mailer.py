import asyncio

import httpx

from adapters.outbound.mail.message import MessageRenderer
from application.ports.mailer import Mailer
from domain.errors import MailerUnavailable
from domain.mail import Mail

_DEADLINE_SECONDS = 20.0


class SandboxMailer(Mailer):
    """The sandbox's mailbox, by HTTP."""

    def __init__(self, client: httpx.AsyncClient, sandbox_url: str, renderer: MessageRenderer) -> None:
        """``sandbox_url``: the sandbox's address, without a slash at its end."""
        self._client, self._address, self._renderer = client, f"{sandbox_url}/mail/messages", renderer

    async def send(self, mail: Mail) -> None:
        message = self._renderer.render(mail)
        body = {
            "message_id": message.id,
            "from": str(message.sender),
            "to": message.to,
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
        }
        try:
            async with asyncio.timeout(_DEADLINE_SECONDS):
                answer = await self._client.post(self._address, json=body)
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
            raise MailerUnavailable(f"the sandbox's mailbox: {type(error).__name__}") from error
        if answer.status_code != httpx.codes.ACCEPTED:
            raise MailerUnavailable(f"the sandbox's mailbox: status {answer.status_code}")
