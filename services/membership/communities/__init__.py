"""Communities: positioning, versioned charter, cohorts, and the states draft, open, archived."""
