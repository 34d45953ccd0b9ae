"""Meetings: agenda, minutes, decisions, and action items that live on until they are closed."""
