"""Signing in and out: sessions, tokens, passwords."""
