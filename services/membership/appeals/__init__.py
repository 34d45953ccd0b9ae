"""Appeals: against a penalty or a short mute, decided by somebody else, and what became of the decision in every service."""
