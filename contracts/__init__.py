"""Integration events: the messages between the services, one module per publisher."""
