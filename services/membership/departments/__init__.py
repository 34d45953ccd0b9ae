"""The departments of the company, and who manages them."""
