"""One address for clients: routing, authentication, limits, proxying, merged documents, composed reads."""
