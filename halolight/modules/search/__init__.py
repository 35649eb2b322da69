"""Search: one request over everything that a user may see."""
