"""Notifications: what people are told of, each of their own."""
