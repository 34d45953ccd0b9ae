"""Question banks: the questions of a community with their solutions, each version of them, and who has read them."""
