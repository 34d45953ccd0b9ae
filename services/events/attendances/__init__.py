"""Attendance: who was there, how it is known, and what it comes to."""
