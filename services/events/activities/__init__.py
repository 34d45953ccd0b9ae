"""Activities: what a community does together at a time."""
