"""Kudos and the star of the month."""
