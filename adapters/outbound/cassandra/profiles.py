from dataclasses import replace

from adapters.outbound.cassandra.conditional import new_write_id
from adapters.outbound.cassandra.database import Database, Row
from adapters.outbound.cassandra.times import to_moment_or_none, to_text_or_none
from application.ports.profiles import Profiles
from domain.errors import VersionSuperseded
from domain.ids import UserId
from domain.user import Profile


class CassandraProfiles(Profiles):
    def __init__(self, database: Database) -> None:
        self._database = database
        self._find = database.prepare(
            "SELECT full_name, display_name, avatar_url, company, job_title, timezone, preferences, updated_at,"
            " version, write_id FROM user_profiles WHERE user_id = ?"
        )
        self._store = database.prepare(
            "UPDATE user_profiles SET full_name = ?, display_name = ?, avatar_url = ?, company = ?, job_title = ?,"
            " timezone = ?, preferences = ?, updated_at = ?, version = ?, write_id = ?"
            " WHERE user_id = ? IF write_id = ?"
        )
        self._remove = database.prepare("DELETE FROM user_profiles WHERE user_id = ? IF write_id = ?")

    async def of(self, user: UserId) -> Profile:
        found, _ = await self._read(user)
        return found

    async def update(self, user: UserId, profile: Profile) -> Profile:
        write_id = new_write_id()
        after = replace(profile, version=profile.version + 1)

        async def attempt(serial: bool) -> Profile:
            before, seen = await self._read(user, serial=serial)
            if seen == write_id:
                return after
            if before.version != profile.version:
                raise VersionSuperseded
            await self._database.apply(self._store.bind((*_values(after), write_id, user, seen)))
            return after

        return await self._database.settled(("user_profiles", user), attempt)

    async def remove(self, user: UserId) -> None:
        async def attempt(serial: bool) -> None:
            before, seen = await self._read(user, serial=serial)
            if before.version:
                await self._database.apply(self._remove.bind((user, seen)))

        await self._database.settled(("user_profiles", user), attempt)

    async def _read(self, user: UserId, *, serial: bool = False) -> tuple[Profile, str | None]:
        row = await self._database.row(self._find.bind((user,)), serial=serial)
        return (_profile(row), row[-1]) if row else (Profile(), None)


def _values(profile: Profile) -> Row:
    return (
        profile.full_name,
        profile.display_name,
        profile.avatar_url,
        profile.company,
        profile.job_title,
        profile.timezone,
        profile.preferences,
        to_text_or_none(profile.updated_at),
        profile.version,
    )


def _profile(row: Row) -> Profile:
    full_name, display_name, avatar_url, company, job_title, timezone, preferences, updated_at, version, _ = row
    return Profile(
        full_name=full_name,
        display_name=display_name,
        avatar_url=avatar_url,
        company=company,
        job_title=job_title,
        timezone=timezone,
        preferences=dict(preferences),
        updated_at=to_moment_or_none(updated_at),
        version=1 if version is None else version,
    )
