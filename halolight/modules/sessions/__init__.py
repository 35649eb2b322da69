"""Sessions: what a sign-in begins, with its two tokens."""
