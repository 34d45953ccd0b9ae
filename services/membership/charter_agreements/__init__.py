"""Who has agreed to which version of a community's charter; it is asked of every member, and blocks nothing."""
