"""Seasons: a stretch of days with a board of its own and prizes for the first."""
