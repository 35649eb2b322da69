"""What users are told while they look: recorded with each change, sent to their open streams."""
