"""Files: real bytes, in folders, shared with people, teams and by links."""
