"""What members did, as it was told: so that it can be told again, word by word."""
