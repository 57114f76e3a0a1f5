"""Makes responses, all with the same strict headers."""

from collections.abc import Mapping

from aiohttp import web

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


def page(text: str, status: int = 200) -> web.Response:
    """An HTML page or fragment."""
    # A lone surrogate from elsewhere must not become a 500.
    body = text.encode("utf-8", "replace")
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8", headers=HEADERS)


def answer(data: Mapping[str, object], status: int = 200) -> web.Response:
    """A JSON answer to the page's script."""
    return web.json_response(data, status=status, headers=HEADERS)


def moved(to: str) -> web.Response:
    """Send the browser to another address of ours."""
    return web.Response(status=303, headers={**HEADERS, "Location": to})
