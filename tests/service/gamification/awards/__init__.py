"""Awards by hand."""
