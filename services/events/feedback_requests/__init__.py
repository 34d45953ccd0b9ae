"""Feedback requests: what named colleagues think of a piece of work, for its author alone."""
