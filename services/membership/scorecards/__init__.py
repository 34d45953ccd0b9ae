"""What those who interview write of an applicant: one scorecard each, blind until one's own is in."""
