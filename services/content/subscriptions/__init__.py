"""Subscriptions: threads and tags that a member wants to hear of."""
