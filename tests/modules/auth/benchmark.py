"""What the benchmarks measure of the signed-in user."""

from benchmarks.declarations import ONE, ORDINARY, Read

READS = (
    Read("auth/me", "/api/auth/me", ONE),
    Read("auth/me, ordinary user", "/api/auth/me", ONE, who=ORDINARY),
)
