"""What a community said before it came here, brought in at its own times."""
