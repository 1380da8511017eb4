from adapters.outbound.sqlite.database import Database, Row
from adapters.outbound.sqlite.times import to_moment, to_moment_or_none, to_text, to_text_or_none
from application.ports.users import Users
from domain.email import EmailAddress
from domain.errors import EmailTaken
from domain.ids import UserId
from domain.user import User

_SELECT = "SELECT id, email, password_hash, created_at, email_verified_at FROM users"


class SqliteUsers(Users):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, user: User) -> None:
        times = to_text(user.created_at), to_text_or_none(user.email_verified_at)
        added = await self._database.execute(
            "INSERT INTO users VALUES (?, ?, ?, ?, ?) ON CONFLICT (email) DO NOTHING",
            (user.id, user.email, user.password_hash, *times),
        )
        if not added:
            raise EmailTaken

    async def by_email(self, email: EmailAddress) -> User | None:
        return _user(self._database.read_one(f"{_SELECT} WHERE email = ?", (email,)))

    async def by_id(self, user: UserId) -> User | None:
        return _user(self._database.read_one(f"{_SELECT} WHERE id = ?", (user,)))


def _user(row: Row | None) -> User | None:
    if row is None:
        return None
    id_, email, password_hash, created_at, email_verified_at = row
    return User(id_, email, password_hash, to_moment(created_at), to_moment_or_none(email_verified_at))
