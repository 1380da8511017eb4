"""Bodies that clients send."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeVar

import msgspec
from litestar.di import NamedDependency
from litestar.openapi.spec import Operation, RequestBody
from litestar.params import SkipValidation

_T = TypeVar("_T")

Use = NamedDependency[SkipValidation[_T]]
"""A use case, handed in by its name."""


class Body(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Unknown fields are refused; these four, which older clients send, are ignored: the token says who asks."""

    user_id: object = None
    userId: object = None  # noqa: N815
    org_id: object = None
    orgId: object = None  # noqa: N815


class Accepted(msgspec.Struct):
    """It will be done, or there is nothing to do: which of the two is not told."""

    status: Literal["accepted"] = "accepted"


ACCEPTED = Accepted()
Email = Annotated[str, msgspec.Meta(max_length=320)]
MailToken = Annotated[str, msgspec.Meta(max_length=200)]
"""From a mailed link."""


class EmailBody(Body):
    email: Email


Limit = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Text = Annotated[str, msgspec.Meta(max_length=200)]


@dataclass
class BodyOptional(Operation):
    """Describes a route that takes a body but needs none; Litestar calls every body required."""

    def __post_init__(self) -> None:
        if isinstance(self.request_body, RequestBody):
            self.request_body.required = False
