"""Live events: recorded with each change, and sent to the open streams of users."""
