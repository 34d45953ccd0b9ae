"""Links by which speakers from outside come: made, renewed, taken back, and vouched for."""
