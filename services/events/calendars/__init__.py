"""Calendars: what members have registered for, as other programs read it (iCalendar, RFC 5545)."""
