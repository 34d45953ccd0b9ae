"""Announcements: whom they are for, who has confirmed them, and who is reminded."""
