"""Guests: speakers from outside, as events tells of them, and whether they are let in here."""
