"""The ladder: levels of xp, promotion, demotion after a grace."""
