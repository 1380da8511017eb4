"""/auth/register and /auth/me."""

from datetime import datetime
from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from adapters.inbound.http.authentication import Asking
from adapters.inbound.http.body import Body, Text, Use
from adapters.inbound.http.errors import problems
from application.register import Register
from application.show_account import ShowAccount
from domain.secret import Secret
from domain.user import Profile as DomainProfile
from domain.user import User as DomainUser


class Profile(msgspec.Struct):
    full_name: str | None
    display_name: str | None
    avatar_url: str | None
    company: str | None
    job_title: str | None
    timezone: str | None
    preferences: dict[str, str]
    updated_at: datetime | None


class User(msgspec.Struct):
    id: str
    email: str
    email_verified: bool
    created_at: datetime
    profile: Profile
    sign_in_methods: list[str]


def user_shape(user: DomainUser, profile: DomainProfile) -> User:
    return User(
        id=user.id,
        email=user.email,
        email_verified=user.email_verified_at is not None,
        created_at=user.created_at,
        profile=Profile(
            full_name=profile.full_name,
            display_name=profile.display_name,
            avatar_url=profile.avatar_url,
            company=profile.company,
            job_title=profile.job_title,
            timezone=profile.timezone,
            preferences=dict(profile.preferences),
            updated_at=profile.updated_at,
        ),
        sign_in_methods=list(user.sign_in_methods),
    )


class RegisterBody(Body):
    email: Annotated[str, msgspec.Meta(max_length=320)]
    password: str
    full_name: Text | None = None


@post("/auth/register", exclude_from_auth=True, security=[{}], responses=problems(400, 409, 503))
async def register(data: JSONBody[RegisterBody], register: Use[Register]) -> User:
    """Make an account."""
    user, profile = await register(email=data.email, password=Secret(data.password), full_name=data.full_name)
    return user_shape(user, profile)


@get("/auth/me", responses=problems(401, 503))
async def me(request: Asking, show_account: Use[ShowAccount]) -> User:
    """The own account."""
    return user_shape(*await show_account(request.user.user))
