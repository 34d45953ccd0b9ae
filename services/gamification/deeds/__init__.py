"""What befell members and is told once, kept as it was told: so that it can be told again, word by word."""
