"""The peer of our accounts: the app of fastapi-users' own documentation, on SQLite by SQLAlchemy and aiosqlite.

.venv-bench/bin/python -m bench.peer PORT (database|jwt); the file peer.db is made in the current folder. Only tokens of
its database strategy can be revoked: that is the one to compare with.
"""

import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, JWTStrategy, Strategy
from fastapi_users.authentication.strategy.db import AccessTokenDatabase, DatabaseStrategy
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from fastapi_users.password import PasswordHelper
from fastapi_users_db_sqlalchemy.access_token import SQLAlchemyAccessTokenDatabase, SQLAlchemyBaseAccessTokenTableUUID
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from bench.raw_argon2 import HASHER

_SECRET = "a-secret-of-the-benchmark-long-enough-for-HS256"
_TOKEN_SECONDS = 900


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    pass


class AccessToken(SQLAlchemyBaseAccessTokenTableUUID, Base):
    pass


engine = create_async_engine("sqlite+aiosqlite:///peer.db")
new_session = async_sessionmaker(engine, expire_on_commit=False)


@event.listens_for(engine.sync_engine, "connect")
def as_durable_as_ours(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


async def opened_session() -> AsyncIterator[AsyncSession]:
    async with new_session() as session:
        yield session


Session = Annotated[AsyncSession, Depends(opened_session)]


class UserManager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    reset_password_token_secret = verification_token_secret = _SECRET


async def user_manager(session: Session) -> AsyncIterator[UserManager]:
    hasher = Argon2Hasher(HASHER.time_cost, HASHER.memory_cost, HASHER.parallelism)
    yield UserManager(SQLAlchemyUserDatabase(session, User), PasswordHelper(PasswordHash((hasher,))))


async def access_tokens(session: Session) -> AsyncIterator[AccessTokenDatabase[AccessToken]]:
    yield SQLAlchemyAccessTokenDatabase(session, AccessToken)


def database_strategy(
    tokens: Annotated[AccessTokenDatabase[AccessToken], Depends(access_tokens)],
) -> Strategy[User, uuid.UUID]:
    return DatabaseStrategy(tokens, lifetime_seconds=_TOKEN_SECONDS)


def jwt_strategy() -> Strategy[User, uuid.UUID]:
    return JWTStrategy(_SECRET, lifetime_seconds=_TOKEN_SECONDS)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


STRATEGIES: dict[str, Callable[..., Strategy[User, uuid.UUID]]] = {"database": database_strategy, "jwt": jwt_strategy}


def app(strategy: str) -> FastAPI:
    backend = AuthenticationBackend(strategy, BearerTransport("auth/login"), STRATEGIES[strategy])
    users = FastAPIUsers[User, uuid.UUID](user_manager, [backend])
    made = FastAPI(lifespan=lifespan)
    made.include_router(users.get_auth_router(backend), prefix="/auth")
    made.include_router(users.get_register_router(schemas.BaseUser[uuid.UUID], schemas.BaseUserCreate), prefix="/auth")
    made.include_router(users.get_users_router(schemas.BaseUser[uuid.UUID], schemas.BaseUserUpdate), prefix="/users")
    return made


if __name__ == "__main__":
    uvicorn.run(app(sys.argv[2]), port=int(sys.argv[1]), log_level="critical", access_log=False)
