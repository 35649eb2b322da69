"""Conversations and their members."""
