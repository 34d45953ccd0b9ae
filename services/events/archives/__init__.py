"""Which article tells of an activity, as content says."""
