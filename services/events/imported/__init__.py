"""Activities that come from elsewhere: lists and calendars of what a community did before, and plans to do."""
