"""Dashboard: the figures of the whole service, each of them from the database."""
