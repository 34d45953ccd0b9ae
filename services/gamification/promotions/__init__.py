"""Promotions by decision: nominated, voted on by a committee, decided with a reason."""
