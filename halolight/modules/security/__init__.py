"""Security: what administrators should look at."""
