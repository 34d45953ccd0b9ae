"""Collections: the tree in which articles stand."""
