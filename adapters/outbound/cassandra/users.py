from adapters.outbound.cassandra.database import Database
from adapters.outbound.cassandra.times import to_moment, to_moment_or_none, to_text, to_text_or_none
from application.ports.users import Users
from domain.email import EmailAddress
from domain.errors import EmailTaken
from domain.ids import UserId
from domain.user import User


class CassandraUsers(Users):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._find = database.prepare(
            "SELECT user_id, password_hash, created_at, email_verified_at FROM users WHERE email = ?"
        )
        self._claim = database.prepare(
            "INSERT INTO users (email, user_id, password_hash, created_at, email_verified_at)"
            " VALUES (?, ?, ?, ?, ?) IF NOT EXISTS"
        )
        self._find_email = database.prepare("SELECT email FROM user_ids WHERE user_id = ?")
        self._put_email = database.prepare("INSERT INTO user_ids (user_id, email) VALUES (?, ?)")
        self._drop_email = database.prepare("DELETE FROM user_ids WHERE user_id = ?")

    async def add(self, user: User) -> None:
        times = to_text(user.created_at), to_text_or_none(user.email_verified_at)
        claim = self._claim.bind((user.email, user.id, user.password_hash, *times))

        async def attempt(serial: bool) -> None:
            holder = await self._database.row(self._find.bind((user.email,)), serial=serial)
            if holder is None:
                await self._database.apply(claim)
            elif holder[0] != user.id:
                raise EmailTaken

        # First the way from the id to the address: an account that is there can be found by both.
        await self._database.write(self._put_email.bind((user.id, user.email)))
        try:
            await self._database.settled(("users", user.email), attempt)
        except EmailTaken:
            await self._database.write(self._drop_email.bind((user.id,)))
            raise

    async def by_email(self, email: EmailAddress) -> User | None:
        row = await self._database.row(self._find.bind((email,)))
        if row is None:
            return None
        id_, password_hash, created_at, email_verified_at = row
        return User(id_, email, password_hash, to_moment(created_at), to_moment_or_none(email_verified_at))

    async def by_id(self, user: UserId) -> User | None:
        row = await self._database.row(self._find_email.bind((user,)))
        found = await self.by_email(row[0]) if row else None
        return found if found is not None and found.id == user else None
