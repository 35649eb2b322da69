"""`Link` headers of pages (RFC 8288): the addresses of the first, previous, next and last page.

They are relative references that consist of a query, so they are correct behind any proxy.
"""

from urllib.parse import quote

from halolight.core.db.listing import Page

HEADER = "Link"
DOCUMENTED = {
    "description": "The URLs of the `first`, `prev`, `next` and `last` page, relative to that"
    " of the request (RFC 8288). No `last` if the total is not exact. Not sent if"
    " the query has more than 500 bytes.",
    "schema": {"type": "string"},
    "example": '<?page=1>; rel="first", <?page=2>; rel="next", <?page=7>; rel="last"',
}

# Bytes of an encoded query, which is repeated in up to four links: proxies take 4 KB of headers.
MAX_QUERY = 500

# RFC 3986, 3.4. Everything else is encoded, so that no query can end a link and begin another.
# Nor has it a comma or a semicolon, at which simple clients split the header.
_QUERY = "%=&+:/?@!$()*~"


def headers(result: Page, query: bytes) -> dict[str, str]:
    """The `Link` of a page, unless the query is too long."""
    others = [pair for pair in query.split(b"&") if pair and not pair.startswith(b"page=")]
    # The page comes first, because the first of several values counts.
    rest = quote(b"&".join([b"", *others]), safe=_QUERY)
    if len(rest) > MAX_QUERY:
        return {}
    last = max(result.total_pages, 1)
    pages = {"first": 1}
    if result.page > 1:
        pages["prev"] = min(result.page - 1, last)
    if result.page < last:
        pages["next"] = result.page + 1
    if result.total_is_exact:
        pages["last"] = last
    links = ", ".join(f'<?page={page}{rest}>; rel="{name}"' for name, page in pages.items())
    return {HEADER: links}
