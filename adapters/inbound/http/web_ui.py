"""The web UI: a static export of Next.js, served under /app/."""

import json
import mimetypes
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from litestar import Request, Response, get, route
from litestar.exceptions import NotFoundException
from litestar.response import File, Redirect

from adapters.inbound.http.body import Use
from adapters.inbound.http.pages import plain_page
from adapters.inbound.http.place import Place

_UNCHANGING = "public, max-age=31536000, immutable"


@get("/", exclude_from_auth=True, include_in_schema=False)
async def root() -> Redirect:
    return Redirect("/app/")


@route(["/app", "/app/{path:path}"], http_method=["GET", "HEAD"], exclude_from_auth=True, include_in_schema=False)
async def web_ui(request: Request[Any, Any, Any], place: Use[Place]) -> Response[str] | File | Redirect:
    """A file of the export; a folder stands for its page, as the export was made with trailing slashes."""
    if not (place.web_root / "index.html").is_file():
        return plain_page(
            title="The web UI is not built",
            text="The API runs. To build the UI, install Node 20 and run: make web",
            link=f"{place.public_url}/schema/openapi.json",
            status=503,
        )
    # The raw path: Litestar's own has lost its trailing slash.
    path = unquote(request.scope["raw_path"].decode("latin-1")).removeprefix("/app")
    wanted = path.strip("/")
    page = f"{wanted}/index.html" if wanted else "index.html"
    if not path.endswith("/") and _within(place.web_root, page):
        return Redirect(f"/app/{wanted}/", query_params=dict(request.query_params))
    for name in (wanted, page):
        if file := _within(place.web_root, name):
            return _file(place.web_root, file, 200)
    missing = _within(place.web_root, "404.html")
    if missing is None:
        raise NotFoundException
    return _file(place.web_root, missing, 404)


def _within(root: Path, name: str) -> Path | None:
    """The file of that name, unless it would lie outside of ``root``."""
    try:
        file = (root / name).resolve()
        return file if file.is_file() and file.is_relative_to(root) else None
    except (OSError, ValueError):
        # No name of a file at all: too long, or with a NUL in it.
        return None


def _file(root: Path, file: Path, status: int) -> File:
    relative = file.relative_to(root).as_posix()
    headers = {"Cache-Control": _UNCHANGING if relative.startswith("_next/static/") else "no-cache"}
    if file.suffix == ".html":
        headers |= {
            "Content-Security-Policy": _policy(_hashes(root, (root / "csp.json").stat().st_mtime_ns).get(relative, ())),
            "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
        }
    media_type = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return File(
        path=file,
        filename=file.name,
        media_type=f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type,
        status_code=status,
        content_disposition_type="inline",
        headers=headers,
    )


@lru_cache(maxsize=4)
def _hashes(root: Path, _built_at: int) -> Mapping[str, Sequence[str]]:
    """Of the scripts that stand inside the pages, as the build has counted them."""
    found: Mapping[str, Sequence[str]] = json.loads((root / "csp.json").read_text())
    return found


def _policy(hashes: Sequence[str]) -> str:
    scripts = " ".join(["'self'", *(f"'{one}'" for one in hashes)])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
