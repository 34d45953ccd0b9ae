"""Points that operators and owners give by hand."""
