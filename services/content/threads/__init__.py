"""What a reader has of threads: how far they have read, and the list of discussions that says so."""
