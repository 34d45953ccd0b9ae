"""Sharing sessions that took place: each leaves a draft of an article for whoever spoke there to finish."""
