"""Learning records."""
