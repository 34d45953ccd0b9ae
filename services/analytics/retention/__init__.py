"""Retention: of those who joined together, how many are still active later on."""
