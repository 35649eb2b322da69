"""Settings: how the front end looks to each user."""
