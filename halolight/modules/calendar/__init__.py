"""The calendar: events, who attends them, and reminders of them."""
