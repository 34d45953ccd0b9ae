"""The queue of moderators: what lists hold and what members report, and what is decided."""
