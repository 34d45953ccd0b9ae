"""What a person is in a community, answered from this service's own tables, here and for the other services."""
