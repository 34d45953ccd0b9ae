"""Who reads, of what kind, on which day."""
