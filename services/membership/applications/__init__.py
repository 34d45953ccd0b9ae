"""One person's way through a campaign: draft, submission, steps, decision, release, waitlist."""
