from adapters.outbound.cassandra.conditional import new_write_id
from adapters.outbound.cassandra.database import Database
from adapters.outbound.cassandra.times import to_moment_or_none, to_text_or_none
from application.ports.profiles import Profiles
from domain.ids import UserId
from domain.user import Profile


class CassandraProfiles(Profiles):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._find = database.prepare(
            "SELECT full_name, display_name, avatar_url, company, job_title, timezone, preferences, updated_at,"
            " write_id FROM user_profiles WHERE user_id = ?"
        )
        # Under a condition, for two plain writes of one microsecond would be mixed column by column.
        self._put = database.prepare(
            "UPDATE user_profiles SET full_name = ?, display_name = ?, avatar_url = ?, company = ?, job_title = ?,"
            " timezone = ?, preferences = ?, updated_at = ?, write_id = ? WHERE user_id = ? IF write_id = ?"
        )

    async def of(self, user: UserId) -> Profile:
        row = await self._database.row(self._find.bind((user,)))
        if row is None:
            return Profile()
        *texts, preferences, updated_at, _ = row
        full_name, display_name, avatar_url, company, job_title, timezone = texts
        return Profile(
            full_name=full_name,
            display_name=display_name,
            avatar_url=avatar_url,
            company=company,
            job_title=job_title,
            timezone=timezone,
            preferences=dict(preferences),
            updated_at=to_moment_or_none(updated_at),
        )

    async def put(self, user: UserId, profile: Profile) -> None:
        write_id = new_write_id()
        values = (
            profile.full_name,
            profile.display_name,
            profile.avatar_url,
            profile.company,
            profile.job_title,
            profile.timezone,
            profile.preferences,
            to_text_or_none(profile.updated_at),
            write_id,
            user,
        )

        async def attempt(serial: bool) -> None:
            row = await self._database.row(self._find.bind((user,)), serial=serial)
            seen = row[-1] if row else None
            if seen != write_id:
                await self._database.apply(self._put.bind((*values, seen)))

        await self._database.settled(("user_profiles", user), attempt)
