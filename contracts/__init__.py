"""Integration events: what the services tell one another, one module per publisher."""
