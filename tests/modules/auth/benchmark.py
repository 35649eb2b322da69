"""What the benchmarks measure of the signed-in user."""

from benchmarks.declarations import ONE, Read

READS = (Read("auth/me", "/api/auth/me", ONE),)
