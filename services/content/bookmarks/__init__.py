"""Bookmarks: what a member keeps for themselves. Nobody else learns of it."""
