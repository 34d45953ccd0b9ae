"""Cases of conduct: what was reported or found, merged into one for each deed, and decided by somebody who is no party to it."""
