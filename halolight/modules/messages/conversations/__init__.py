"""Conversations: who writes to whom, and what is new for each of them."""
