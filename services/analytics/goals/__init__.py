"""Goals of a community: what is to be reached until a day, how far it is, and what members do for it."""
