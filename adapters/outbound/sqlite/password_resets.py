import sqlite3
from datetime import UTC, datetime, timedelta

from adapters.outbound.sqlite.database import Database
from adapters.outbound.sqlite.times import to_text
from application.ports.password_resets import PasswordResets
from domain.ids import UserId
from domain.mail_token import MailTokenHash

_KEPT_AFTER_ITS_END = timedelta(days=1)
# Each that comes takes with it some that nobody can use any more, so the table does not grow for ever.
_SWEEP = """
    DELETE FROM password_reset_tokens WHERE token_hash IN
    (SELECT token_hash FROM password_reset_tokens WHERE expires_at < ? ORDER BY expires_at LIMIT 20)
"""


class SqlitePasswordResets(PasswordResets):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, token: MailTokenHash, user: UserId, *, expires_at: datetime) -> None:
        now = datetime.now(UTC)

        def insert(sql: sqlite3.Connection) -> None:
            sql.execute(_SWEEP, (to_text(now - _KEPT_AFTER_ITS_END),))
            row = (token, user, to_text(now), to_text(expires_at))
            sql.execute("INSERT OR REPLACE INTO password_reset_tokens VALUES (?, ?, ?, ?)", row)

        await self._database.write(insert)

    async def user_of(self, token: MailTokenHash) -> UserId | None:
        row = self._database.read_one("SELECT user_id FROM password_reset_tokens WHERE token_hash = ?", (token,))
        return row[0] if row else None
