"""iCalendar (RFC 5545): events as other calendars read and write them."""
