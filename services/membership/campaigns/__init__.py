"""Recruitment campaigns: channels and their landings, requirements, versioned forms, the board."""
