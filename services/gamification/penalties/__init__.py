"""What follows from a penalty here: its fine, the days of a streak that it should not have cost, and levels that are judged again."""
