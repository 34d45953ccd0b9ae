"""Logging in by an account that the company keeps elsewhere: OpenID Connect, and what else proves who somebody is."""
