"""Questions whose author is not named: a mask stands in the place of their member id, wherever that is."""
