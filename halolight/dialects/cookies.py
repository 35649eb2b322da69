"""Signing in by cookie, where a front end sends no token, and only from its own pages.

A browser sends cookies along whoever has caused the request. So what changes something has to say
that it comes from the same origin (OWASP Cross-Site Request Forgery Prevention Cheat Sheet, Fetch
Metadata).
"""

from wsgiref.types import WSGIEnvironment

from werkzeug.http import parse_cookie
from werkzeug.wsgi import get_host

SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))


def token(environ: WSGIEnvironment, name: str) -> str | None:
    """The access token in the cookie of this name."""
    return parse_cookie(environ).get(name) or None


def may_count(environ: WSGIEnvironment) -> bool:
    """Whether a cookie may sign this request in. A request that does not say is refused."""
    if environ["REQUEST_METHOD"] in SAFE_METHODS:
        return True
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return bool(site == "same-origin")
    own = f"{environ['wsgi.url_scheme']}://{get_host(environ)}"
    return bool(environ.get("HTTP_ORIGIN") == own)
