"""What happened, counted: facts by catalogue, dated dimensions, rollups."""
