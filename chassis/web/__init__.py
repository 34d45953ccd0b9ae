"""HTTP: the application of a service, its operations, dependencies, pages and problems."""
