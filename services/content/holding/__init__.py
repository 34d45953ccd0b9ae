"""Texts that wait for a moderator: what lists hold and what members report."""
