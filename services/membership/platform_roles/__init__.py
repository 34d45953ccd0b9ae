"""Roles on the platform as a whole: who has them, what they permit, and whom they protect."""
