"""Goals of a community."""
