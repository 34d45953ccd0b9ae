"""Things that take their course, one row each: questions, registrations, applications, memberships."""
