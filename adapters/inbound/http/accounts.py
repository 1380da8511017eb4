"""/auth/register and /auth/me."""

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody
from msgspec import UNSET, UnsetType

from adapters.inbound.http.authentication import Asking
from adapters.inbound.http.body import ACCEPTED, Accepted, Body, BodyOptional, Email, Text, Use
from adapters.inbound.http.caller import caller_of
from adapters.inbound.http.cookies import Cookies
from adapters.inbound.http.errors import problems
from application.change_profile import ChangeProfile
from application.delete_account import DeleteAccount
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
    email: Email
    password: str
    full_name: Text | None = None


_Text = str | UnsetType | None


class ProfileBody(Body):
    """What is not named stays; null empties a field."""

    full_name: _Text = UNSET
    display_name: _Text = UNSET
    avatar_url: _Text = UNSET
    company: _Text = UNSET
    job_title: _Text = UNSET
    timezone: _Text = UNSET
    preferences: dict[str, str] | UnsetType = UNSET


_PROFILE_FIELDS = tuple(name for name in ProfileBody.__struct_fields__ if name not in Body.__struct_fields__)


@post(
    "/auth/register",
    exclude_from_auth=True,
    security=[{}],
    responses={
        201: ResponseSpec(User, generate_examples=False, description="The account"),
        202: ResponseSpec(Accepted, generate_examples=False, description="A mail is on its way to the address"),
        **problems(400, 409, 429, 503),
    },
)
async def register(
    request: Request[Any, Any, Any], data: JSONBody[RegisterBody], register: Use[Register]
) -> Response[User | Accepted]:
    """Make an account. Where addresses must be proven a link is mailed first: 202, be the address new or not."""
    made = await register(
        email=data.email, password=Secret(data.password), full_name=data.full_name, caller=caller_of(request)
    )
    return Response(user_shape(*made), status_code=201) if made else Response(ACCEPTED, status_code=202)


@get("/auth/me", responses=problems(401, 503))
async def me(request: Asking, show_account: Use[ShowAccount]) -> User:
    """The own account."""
    return user_shape(*await show_account(request.user.user))


@patch("/auth/me", responses=problems(400, 401, 503))
async def change_me(request: Asking, data: JSONBody[ProfileBody], change_profile: Use[ChangeProfile]) -> User:
    """Change what one tells about oneself."""
    given = {name: getattr(data, name) for name in _PROFILE_FIELDS}
    changes = {name: value for name, value in given.items() if value is not UNSET}
    return user_shape(*await change_profile(request.user.user, changes))


class DeleteBody(Body):
    current_password: str | None = None
    """Not needed in a session that was opened at an identity provider in the last five minutes."""


@delete(
    "/auth/me",
    status_code=202,
    operation_class=BodyOptional,
    responses=problems(400, 401, 403, 429, 503),
)
async def delete_me(
    request: Asking,
    delete_account: Use[DeleteAccount],
    jar: Use[Cookies],
    data: JSONBody[DeleteBody | None] = None,
) -> Response[Accepted]:
    """Delete the account, and everything that came through it, everywhere."""
    given = data.current_password if data else None
    await delete_account(
        request.user, current_password=Secret(given) if given is not None else None, caller=caller_of(request)
    )
    return Response(ACCEPTED, status_code=202, cookies=[jar.no_refresh()])
