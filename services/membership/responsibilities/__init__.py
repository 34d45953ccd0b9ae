"""Responsibilities: the areas of work in a community, each with its holder, a deputy (AB角) and people informed."""
