"""Who is a member of which community: joining, leaving, imports, statuses."""
