"""/auth/methods: which ways into an account there are here, for the page that offers them."""

from typing import Literal

import msgspec
from litestar import get

from adapters.inbound.http.body import Use
from adapters.inbound.http.place import Place


class SignInMethods(msgspec.Struct):
    google: bool
    """Whether one can sign in at Google, or at the provider that is configured in its place."""
    google_sandbox: bool
    """Whether the sandbox plays it."""
    email_verification: Literal["off", "required"]


@get("/auth/methods", exclude_from_auth=True, security=[{}])
async def sign_in_methods(place: Use[Place]) -> SignInMethods:
    """How one can sign in here."""
    return SignInMethods(
        google=place.google,
        google_sandbox=place.google_sandbox,
        email_verification="required" if place.verification_required else "off",
    )
