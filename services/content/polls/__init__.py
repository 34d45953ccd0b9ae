"""Polls: what members choose of, until when, and who sees the results."""
