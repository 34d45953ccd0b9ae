"""The membership service: people, communities, recruitment, the roster."""
