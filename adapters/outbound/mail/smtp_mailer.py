import asyncio
import ssl
from contextlib import suppress
from typing import cast

from aiosmtplib import SMTP, SMTPDataError, SMTPException, SMTPRecipientRefused, SMTPResponseException

from adapters.outbound.mail.location import SmtpLocation
from adapters.outbound.mail.message import Message, MessageRenderer
from adapters.outbound.mail.mime import mime_message, needs_utf8
from application.ports.mailer import Mailer, MailRefused
from domain.errors import MailerUnavailable
from domain.mail import Mail

_GOODBYE_SECONDS = 2.0
_OURS_TO_MEND = frozenset({530, 534, 535, 538})
"""Answers about our login (RFC 4954 section 6), whatever command they answer: the recipient is not to blame."""


class SmtpMailer(Mailer):
    """A mail server (RFC 5321), one connection for each mail. Its certificate is always verified."""

    def __init__(
        self,
        location: SmtpLocation,
        renderer: MessageRenderer,
        *,
        tls_context: ssl.SSLContext | None = None,
        timeout: float = 20,
    ) -> None:
        """``tls_context``: whom to trust, if not those whom the machine trusts. ``timeout``: seconds for all of it,
        from the connection to the server's yes. Raises ValueError for a context that takes any certificate."""
        self._location, self._renderer, self._timeout = location, renderer, timeout
        # Made once: reading all the authorities that a machine trusts takes a good while.
        self._tls_context = None if location.tls == "none" else tls_context or ssl.create_default_context()
        if tls_context and not (tls_context.verify_mode == ssl.CERT_REQUIRED and tls_context.check_hostname):
            raise ValueError("the TLS context must verify certificates and the names in them")

    async def send(self, mail: Mail) -> None:
        message = self._renderer.render(mail)
        client = self._client()
        try:
            async with asyncio.timeout(self._timeout):
                await self._hand_over(client, message)
        # What the library says is not passed on: servers like to repeat the recipient's address.
        except (SMTPRecipientRefused, SMTPDataError) as error:
            if 500 <= error.code < 600 and error.code not in _OURS_TO_MEND:
                raise MailRefused(f"the mail server answered {error.code}") from None
            raise MailerUnavailable(f"the mail server answered {error.code}") from None
        except SMTPResponseException as error:
            raise MailerUnavailable(f"the mail server answered {error.code} ({type(error).__name__})") from None
        except (SMTPException, OSError) as error:
            raise MailerUnavailable(f"the mail server: {type(error).__name__}") from None
        else:
            await _say_goodbye(client)
        finally:
            _hang_up(client)

    def _client(self) -> SMTP:
        location = self._location
        return SMTP(
            hostname=location.host,
            port=location.port,
            username=location.username,
            password=location.password,
            # Not this machine's own name, which is nobody's business and takes a look-up to learn.
            local_hostname=self._renderer.host,
            timeout=None,
            use_tls=location.tls == "implicit",
            # Never None, the library's default: it goes on in the clear where somebody has hidden the offer of TLS.
            start_tls=location.tls == "starttls",
            tls_context=self._tls_context,
        )

    async def _hand_over(self, client: SMTP, message: Message) -> None:
        await client.connect()
        options, encoding = [], "ascii"
        if needs_utf8(message):
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
            if not client.supports_extension("smtputf8"):
                raise MailRefused("the mail server takes no address with letters beyond ASCII")
            options, encoding = ["SMTPUTF8", "BODY=8BITMIME"], "utf-8"
        await client.mail(message.sender.address, options=options, encoding=encoding)
        await client.rcpt(message.to, encoding=encoding)
        await client.data(mime_message(message))


async def _say_goodbye(client: SMTP) -> None:
    """The mail is theirs by now: what goes wrong here must not look as if it were not."""
    with suppress(SMTPException, OSError):
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await client.quit()


def _hang_up(client: SMTP) -> None:
    # Not close() alone: it waits until the other side has read everything, which a stalled one never does.
    if client.transport is not None:
        cast(asyncio.WriteTransport, client.transport).abort()
    client.close()
