"""The events service through its routes and handlers."""
