"""Drafts: what a member is writing, kept for them alone."""
