"""Folders: what files lie in."""
