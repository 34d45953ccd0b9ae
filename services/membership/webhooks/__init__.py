"""Webhooks: what other systems are told by signed calls, endpoint by endpoint, each message until it is taken."""
