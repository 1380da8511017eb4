"""The sandbox's pages: one look, no script, nothing from outside."""

import hashlib
from base64 import b64encode
from html import escape
from pathlib import Path

from litestar import MediaType, Response

STYLE = Path(__file__).with_name("page.css").read_text()


def page(
    *,
    title: str,
    accent: str,
    body: str,
    status: int = 200,
    form_action: str = "'none'",
    wide: bool = False,
    rules: str = "",
) -> Response[str]:
    """``body`` is HTML; ``accent`` a CSS colour; ``form_action`` the CSP source list that forms may lead to; ``rules``
    further CSS."""
    style = f":root{{--accent:{accent}}}\n{STYLE}{rules}"
    width = ' class="wide"' if wide else ""
    html = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<style>{style}</style></head><body><main{width}>{body}</main></body></html>"
    )
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        f"form-action {form_action}; base-uri 'none'; frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
        # Not no-referrer: with it a browser posts the form with `Origin: null`.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(html, status_code=status, media_type=MediaType.HTML, headers=headers)
