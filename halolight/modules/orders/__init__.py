"""Orders: the source of the sales figures."""
