"""Penalties: what follows from a confirmed case, what it sanctions and for how long, and what becomes of it when it is taken back."""
