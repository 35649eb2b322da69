"""Permissions: no table, but what the endpoints ask for."""
