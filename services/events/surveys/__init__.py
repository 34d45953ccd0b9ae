"""Surveys: who is asked what, who answered, and what it came to."""
