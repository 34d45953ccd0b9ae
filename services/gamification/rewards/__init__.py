"""Rewards: what members can have for points, in one community or in several, and what is left of it."""
