"""Mentorships: a mentor and a mentee for some weeks, with goals, notes and what each says of it at its end."""
