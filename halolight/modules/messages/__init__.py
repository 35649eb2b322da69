"""Messages in conversations, with a receipt for each recipient."""
