"""The stream of live events of the signed-in user."""
