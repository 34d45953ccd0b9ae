"""Points, xp, levels, check-ins and leaderboards: what members earn, and why."""
