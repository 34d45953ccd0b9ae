"""A small training community of our own writing, filled in through the public API. `qunxue demo`."""
