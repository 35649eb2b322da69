"""Sharing with people and teams, and by public links."""
