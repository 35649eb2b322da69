"""People: their profiles, their administration, who can be written to."""
