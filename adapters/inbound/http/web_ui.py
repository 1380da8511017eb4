"""The web UI: a static export of Next.js, served under /app/."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import File, Redirect

from adapters.inbound.http.body import Use
from adapters.inbound.http.pages import plain_page
from adapters.inbound.http.place import Place

_UNCHANGING = "public, max-age=31536000, immutable"


@get("/", exclude_from_auth=True, include_in_schema=False)
async def root() -> Redirect:
    return Redirect("/app/")


@get(["/app", "/app/{path:path}"], exclude_from_auth=True, include_in_schema=False)
async def web_ui(place: Use[Place], path: FromPath[str] = "/") -> Response[str] | File | Redirect:
    """A file of the export; a folder stands for its page, as the export was made with trailing slashes."""
    if not (place.web_root / "index.html").is_file():
        return plain_page(
            title="The web UI is not built",
            text="The API runs. To build the UI, install Node 20 and run: make web",
            link=f"{place.public_url}/schema/openapi.json",
            status=503,
        )
    wanted = path.strip("/")
    if not path.endswith("/") and _within(place.web_root, f"{wanted}/index.html"):
        return Redirect(f"/app/{wanted}/")
    for name in (wanted, f"{wanted}/index.html"):
        if file := _within(place.web_root, name):
            return _file(place.web_root, file, 200)
    missing = _within(place.web_root, "404.html")
    if missing is None:
        raise NotFoundException
    return _file(place.web_root, missing, 404)


def _within(root: Path, name: str) -> Path | None:
    """The file of that name, unless it would lie outside of ``root``."""
    if "\0" in name:
        return None
    file = (root / name).resolve()
    return file if file.is_file() and file.is_relative_to(root) else None


def _file(root: Path, file: Path, status: int) -> File:
    relative = file.relative_to(root).as_posix()
    headers = {"Cache-Control": _UNCHANGING if relative.startswith("_next/static/") else "no-cache"}
    if file.suffix == ".html":
        headers |= {
            "Content-Security-Policy": _policy(_hashes(root).get(relative, ())),
            "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
        }
    return File(path=file, status_code=status, content_disposition_type="inline", headers=headers)


@lru_cache(maxsize=4)
def _hashes(root: Path) -> Mapping[str, Sequence[str]]:
    """Of the scripts that stand inside the pages, as the build has counted them."""
    found: Mapping[str, Sequence[str]] = json.loads((root / "csp.json").read_text())
    return found


def _policy(hashes: Sequence[str]) -> str:
    scripts = " ".join(["'self'", *(f"'{one}'" for one in hashes)])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
