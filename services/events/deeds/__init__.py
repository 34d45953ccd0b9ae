"""What was done, kept as it was told."""
