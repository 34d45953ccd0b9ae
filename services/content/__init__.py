"""Articles, discussions, courses, ideas: the knowledge of a community."""
