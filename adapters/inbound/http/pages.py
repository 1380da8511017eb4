"""The small pages at the end of an OAuth callback, and when the web UI has not been built."""

import html
import json
import secrets

from litestar import Response
from litestar.datastructures import Cookie
from litestar.enums import MediaType

_PAGE = """<!doctype html>
<html lang="en" data-code="{code}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style nonce="{nonce}">
body{{font:1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem;color-scheme:light dark}}
</style>
</head>
<body><h1>{title}</h1><p>{text}</p><p><a href="{link}">Back to VectorShift</a></p>{script}</body>
</html>
"""
# The code and the state leave the address bar first, whatever comes after.
_SCRIPT = """<script nonce="{nonce}">
history.replaceState(null, "", location.pathname);
{tell}</script>
"""
_TELL = """if (window.opener) {{ window.opener.postMessage({message}, {origin}); window.close(); }}
"""
_CLOSE = """window.close();
"""


def callback_page(
    *,
    title: str,
    text: str,
    link: str,
    code: str,
    status: int,
    message: object,
    origin: str | None,
    cookies: list[Cookie],
) -> Response[str]:
    """``message`` goes to the opener if it is of ``origin``; without an origin nobody is told. A refusal that nobody
    could be told stays open: a provider's policy may have cut the opener, and the person should read why."""
    tell = _TELL.format(message=_script_json(message), origin=_script_json(origin)) if origin else ""
    tell += _CLOSE if status == 200 else ""
    nonce = secrets.token_urlsafe(16)
    return _page(
        title=title, text=text, link=link, code=code, status=status, nonce=nonce,
        script=_SCRIPT.format(nonce=nonce, tell=tell), cookies=cookies,
    )  # fmt: skip


def plain_page(*, title: str, text: str, link: str, status: int) -> Response[str]:
    return _page(title=title, text=text, link=link, code="", status=status, nonce=secrets.token_urlsafe(16))


def _page(
    *,
    title: str,
    text: str,
    link: str,
    code: str,
    status: int,
    nonce: str,
    script: str = "",
    cookies: list[Cookie] | None = None,
) -> Response[str]:
    body = _PAGE.format(
        title=html.escape(title), text=html.escape(text), link=html.escape(link), code=html.escape(code),
        nonce=nonce, script=script,
    )  # fmt: skip
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return Response(
        body,
        status_code=status,
        media_type=MediaType.HTML,
        cookies=cookies or [],
        headers={"Content-Security-Policy": policy, "Cross-Origin-Opener-Policy": "unsafe-none"},
    )


def _script_json(value: object) -> str:
    """JSON that cannot end the script element it stands in."""
    return json.dumps(value).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
