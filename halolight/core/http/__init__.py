"""HTTP: the endpoints' glue, envelopes, headers, limits."""
