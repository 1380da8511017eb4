import msgspec

from adapters.outbound.sqlite.database import Database
from adapters.outbound.sqlite.times import to_moment_or_none, to_text_or_none
from application.ports.profiles import Profiles
from domain.ids import UserId
from domain.user import Profile

_decode_preferences = msgspec.json.Decoder(dict[str, str]).decode


class SqliteProfiles(Profiles):
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, user: UserId) -> Profile:
        row = self._database.read_one(
            "SELECT full_name, display_name, avatar_url, company, job_title, timezone, preferences, updated_at"
            " FROM user_profiles WHERE user_id = ?",
            (user,),
        )
        if row is None:
            return Profile()
        *texts, timezone, preferences, updated_at = row
        full_name, display_name, avatar_url, company, job_title = texts
        return Profile(
            full_name=full_name,
            display_name=display_name,
            avatar_url=avatar_url,
            company=company,
            job_title=job_title,
            timezone=timezone,
            preferences=_decode_preferences(preferences),
            updated_at=to_moment_or_none(updated_at),
        )

    async def put(self, user: UserId, profile: Profile) -> None:
        row = (
            user,
            profile.full_name,
            profile.display_name,
            profile.avatar_url,
            profile.company,
            profile.job_title,
            profile.timezone,
            msgspec.json.encode(profile.preferences).decode(),
            to_text_or_none(profile.updated_at),
        )
        sql = "INSERT OR REPLACE INTO user_profiles VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
        await self._database.execute(sql, row)
