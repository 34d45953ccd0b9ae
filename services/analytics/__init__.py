"""Facts, metrics, goals and insights, from what the other services publish."""
