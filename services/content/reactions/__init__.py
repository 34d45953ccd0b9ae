"""Reactions: a like, an insight, a thank-you of one member to one piece of content."""
