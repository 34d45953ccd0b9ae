"""Badges: what members are recognised for once and keep."""
