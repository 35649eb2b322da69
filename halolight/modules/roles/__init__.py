"""Roles and what they grant."""
