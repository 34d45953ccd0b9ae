"""Roles inside a community, each given as a grant that says by whom, from when and until when."""
