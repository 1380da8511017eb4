"""Our cookies: HttpOnly, for this host alone, gone with a cross-site form post (SameSite=Lax)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Request
from litestar.datastructures import Cookie

from domain.secret import Secret

_REFRESH, _FLOW = "vs_refresh", "vs_flow_"


@dataclass(frozen=True, slots=True)
class Cookies:
    secure: bool
    """Whether people reach us by https: then names carry the ``__Host-`` prefix (RFC 6265bis section 4.1.3.2)."""
    refresh_seconds: int

    def refresh(self, token: Secret) -> Cookie:
        return self._cookie(_REFRESH, token.reveal(), self.refresh_seconds)

    def no_refresh(self) -> Cookie:
        return self._cookie(_REFRESH, "", 0)

    def presented(self, request: Request[Any, Any, Any]) -> Secret | None:
        text = request.cookies.get(self._name(_REFRESH))
        return Secret(text) if text else None

    def flow(self, flow: str, secret: Secret, seconds: int) -> Cookie:
        return self._cookie(_FLOW + flow, secret.reveal(), seconds)

    def no_flow(self, flow: str) -> Cookie:
        return self._cookie(_FLOW + flow, "", 0)

    def flows(self, request: Request[Any, Any, Any]) -> Mapping[str, str]:
        """Flow id -> secret, of all flows of this browser."""
        prefix = self._name(_FLOW)
        return {name[len(prefix) :]: text for name, text in request.cookies.items() if name.startswith(prefix)}

    def _name(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name

    def _cookie(self, name: str, value: str, seconds: int) -> Cookie:
        return Cookie(
            key=self._name(name),
            value=value,
            path="/",
            max_age=seconds,
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )
