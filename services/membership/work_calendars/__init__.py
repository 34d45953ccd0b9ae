"""Which days are workdays, year by year, as far as somebody has said so."""
