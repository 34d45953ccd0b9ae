"""The analytics service, through its handlers and routes."""
