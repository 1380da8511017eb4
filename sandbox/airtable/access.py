"""Who calls Airtable's API, what they may see, and how often."""

from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.datastructures import State

from sandbox.airtable.errors import AirtableError, RateLimited, no_such_model
from sandbox.airtable.memory import AirtableMemory
from sandbox.core.grants import Grant
from sandbox.core.provider import Account
from sandbox.core.records import Record, Records
from sandbox.core.world import World

BASE_CALLS, USER_CALLS, SECONDS = 5, 50, 1
SCHEMA, DATA, EMAIL = "schema.bases:read", "data.records:read", "user.email:read"
SCOPES = {
    SCHEMA, DATA, EMAIL, "schema.bases:write", "data.records:write", "data.recordComments:read",
    "data.recordComments:write", "webhook:manage", "block:manage",
}  # fmt: skip

Call = Request[Any, Any, State]


@dataclass(frozen=True, slots=True)
class Caller:
    account: Account
    grant: Grant
    world: World
    memory: AirtableMemory

    def records(self, kind_name: str) -> Records:
        kind = next(kind for kind in self.world.provider.kinds if kind.name == kind_name)
        return self.world.records(self.account, kind)

    def living(self, kind_name: str, record_id: str) -> Record | None:
        record = self.records(kind_name).get(record_id)
        return record if record is not None and record.removed_at is None else None

    def base(self, base_id: str) -> Record:
        """One call to this base, whether it is answered or not. Raises AirtableError, RateLimited."""
        base = self.living("base", base_id)
        if base is None:
            raise no_such_model()
        self.count_call(base.id, BASE_CALLS)
        return base

    def tables(self, base: Record) -> list[Record]:
        return [table for table in self.records("table").live() if table["baseId"] == base.id]

    def table(self, base: Record, id_or_name: str) -> Record:
        """Raises AirtableError."""
        tables = self.tables(base)
        for table in tables:
            if table.id == id_or_name:
                return table
        named = next((table for table in tables if table["name"] == id_or_name), None)
        if named is None:
            raise no_such_model()
        return named

    def record(self, table: Record, record_id: str) -> Record | None:
        record = self.living("record", record_id)
        return record if record is not None and record["tableId"] == table.id else None

    def need(self, scope: str) -> None:
        """Raises AirtableError."""
        if scope not in self.grant.scopes:
            raise AirtableError(403, "INVALID_PERMISSIONS", "You are not permitted to perform this operation")

    def count_call(self, whose: str, calls: int) -> None:
        """Raises RateLimited."""
        if not self.world.knobs.limits:
            return
        key, now, penalties = f"{self.account.slug} {whose}", self.world.now(), self.memory.penalties
        if penalties.hold(key, now):
            raise RateLimited
        if self.world.window(f"{calls} a second", calls=calls, seconds=SECONDS).take(key, now) is None:
            penalties.begin(key, now)
            raise RateLimited


def caller_of(request: Call, world: World, memory: AirtableMemory) -> Caller:
    """Raises AirtableError."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise AirtableError(401, "AUTHENTICATION_REQUIRED", "Authentication required")
    access = world.grants.access(token)
    account = world.provider.account(access.grant.account) if access and access.expires_at > world.now() else None
    if access is None or account is None:
        raise AirtableError(401, "UNAUTHORIZED", "Invalid authentication token")
    return Caller(account, access.grant, world, memory)


def address_query(request: Call) -> str:
    query: bytes = request.scope["query_string"]
    return query.decode("latin-1")
