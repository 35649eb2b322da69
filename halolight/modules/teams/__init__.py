"""Teams: people who share things with each other."""
