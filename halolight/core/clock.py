"""The time, in one place, so that tests can move it."""

import datetime as dt

# How far the clocks of several machines may be apart: what one of them has just signed is not
# from the future for another (RFC 7519, 4.1.4 and 4.1.5).
CLOCK_LEEWAY = dt.timedelta(seconds=60)


def utcnow() -> dt.datetime:
    """Now, as an aware datetime in UTC."""
    return dt.datetime.now(dt.UTC)


def isoformat(moment: dt.datetime) -> str:
    """ISO 8601 in UTC ending in `Z`, as every time on the wire is written."""
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
