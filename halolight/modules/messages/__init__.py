"""Messages: what is said in a conversation, with a receipt for each person who has it."""
