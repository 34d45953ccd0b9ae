"""Proposals: activities that members would like to have, and what becomes of them."""
