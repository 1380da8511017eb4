import sqlite3
from dataclasses import replace

import msgspec

from adapters.outbound.sqlite.database import Database, Row
from adapters.outbound.sqlite.times import to_moment_or_none, to_text_or_none
from application.ports.profiles import Profiles
from domain.errors import VersionSuperseded
from domain.ids import UserId
from domain.user import Profile

_COLUMNS = (
    "full_name, display_name, avatar_url, company, job_title, timezone, preferences, updated_at, version, user_id"
)
# Composed of our own names alone, hence no S608.
_SELECT = f"SELECT {_COLUMNS} FROM user_profiles WHERE user_id = ?"  # noqa: S608
_PUT = f"INSERT OR REPLACE INTO user_profiles ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608

_decode_preferences = msgspec.json.Decoder(dict[str, str]).decode


class SqliteProfiles(Profiles):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, user: UserId) -> Profile:
        return _profile(self._database.read_one(_SELECT, (user,)))

    async def update(self, user: UserId, profile: Profile) -> Profile:
        after = replace(profile, version=profile.version + 1)

        def compare_and_set(sql: sqlite3.Connection) -> None:
            if _profile(sql.execute(_SELECT, (user,)).fetchone()).version != profile.version:
                raise VersionSuperseded
            sql.execute(_PUT, (*_values(after), user))

        await self._database.write(compare_and_set)
        return after

    async def remove(self, user: UserId) -> None:
        await self._database.execute("DELETE FROM user_profiles WHERE user_id = ?", (user,))


def _values(profile: Profile) -> Row:
    return (
        profile.full_name,
        profile.display_name,
        profile.avatar_url,
        profile.company,
        profile.job_title,
        profile.timezone,
        msgspec.json.encode(profile.preferences).decode(),
        to_text_or_none(profile.updated_at),
        profile.version,
    )


def _profile(row: Row | None) -> Profile:
    if row is None:
        return Profile()
    full_name, display_name, avatar_url, company, job_title, timezone, preferences, updated_at, version, _ = row
    return Profile(
        full_name=full_name,
        display_name=display_name,
        avatar_url=avatar_url,
        company=company,
        job_title=job_title,
        timezone=timezone,
        preferences=_decode_preferences(preferences),
        updated_at=to_moment_or_none(updated_at),
        version=version,
    )
