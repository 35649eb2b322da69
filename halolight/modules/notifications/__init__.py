"""Notifications of users; everyone reads their own."""
