"""Forms that members write for others to fill in, as JSON Schema 2020-12: whether one may be taken, and whether answers fit it."""
