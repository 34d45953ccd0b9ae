"""Interviews of applicants: slots that are offered and chosen, who interviews, and who must not."""
