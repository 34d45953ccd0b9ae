"""The star of the month."""
