"""The star of the month: members name a colleague, vote in secret, and the owner confirms."""
