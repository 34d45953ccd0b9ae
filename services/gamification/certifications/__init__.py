"""Certifications: what members must show again and again, period by period."""
