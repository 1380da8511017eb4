from datetime import UTC, datetime, timedelta

from adapters.outbound.cassandra.database import Database
from adapters.outbound.cassandra.times import to_text, ttl_seconds
from application.ports.password_resets import PasswordResets
from domain.ids import UserId
from domain.mail_token import MailTokenHash

_KEPT_AFTER_ITS_END = timedelta(days=1)


class CassandraPasswordResets(PasswordResets):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._find = database.prepare("SELECT user_id FROM password_reset_tokens WHERE token_hash = ?")
        self._add = database.prepare(
            "INSERT INTO password_reset_tokens (token_hash, user_id, created_at, expires_at) VALUES (?, ?, ?, ?)"
            " USING TTL ?"
        )

    async def add(self, token: MailTokenHash, user: UserId, *, expires_at: datetime) -> None:
        now = datetime.now(UTC)
        kept = ttl_seconds(max(expires_at - now, timedelta()) + _KEPT_AFTER_ITS_END)
        await self._database.write(self._add.bind((token, user, to_text(now), to_text(expires_at), kept)))

    async def user_of(self, token: MailTokenHash) -> UserId | None:
        row = await self._database.row(self._find.bind((token,)))
        return row[0] if row else None
