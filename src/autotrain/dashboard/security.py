"""Who may ask the dashboard for what: every request passes here before anything else happens."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import flask

LOCAL = ("127.0.0.1", "localhost", "[::1]")
COOKIE = "autotrain_token"
_UPDATE = "/_dash-update-component"  # asks for what a page shows; changes nothing


def guard(server: flask.Flask, scripts: Sequence[str], token: str | None) -> None:
    """Refuse what does not come from our own page, and tell browsers to trust nothing else.

    Args:
        scripts: hashes of the page's inline scripts, as in a Content-Security-Policy.
        token: which every request must know, for a server that others can reach; None on the
            loopback interface, where the name that was asked for must be this machine's own.
            Otherwise a page of somebody else could have its name resolved to 127.0.0.1, and read
            us (DNS rebinding).
    """
    policy = (
        f"default-src 'none'; script-src 'self' {' '.join(scripts)}; connect-src 'self'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    server.before_request(lambda: _refusal(token))

    @server.after_request
    def protect(response: flask.Response) -> flask.Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if not flask.request.path.startswith(("/_dash-component-suites/", "/assets/")):
            response.headers["Cache-Control"] = "no-store"
        return response


def _refusal(token: str | None) -> Any:
    """The answer to a request that is not to be answered; None for a good one."""
    request = flask.request
    post = request.method == "POST" and request.path == _UPDATE
    if request.method not in ("GET", "HEAD") and not post:
        return _text("this server only shows: GET", 405)
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        return _text("requests of other sites are refused", 403)
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if post and site != "same-origin":
        return _text("requests of other sites are refused", 403)
    if token is None:
        name = request.host.rpartition(":")[0] if _has_port(request.host) else request.host
        return None if name in LOCAL else _text(f"not a name of this machine: {name}", 403)
    return _without(token)


def _has_port(host: str) -> bool:
    return host.rpartition(":")[2].isdigit()


def _without(token: str) -> Any:
    """The answer to a request that does not know the token, or tells it in its address."""
    request = flask.request
    given = request.args.get("token")
    if given is not None and _same(given, token):  # out of the address, which is shown and kept
        answer = flask.redirect(request.path, code=303)
        answer.set_cookie(COOKIE, token, httponly=True, samesite="Strict")
        return answer
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if _same(request.cookies.get(COOKIE, ""), token) or _same(bearer, token):
        return None
    return _text("open the address that `autotrain dashboard` printed, with its token", 401)


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())


def _text(words: str, status: int) -> flask.Response:
    return flask.Response(words + "\n", status, mimetype="text/plain")
