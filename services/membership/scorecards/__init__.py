"""What those who interview write of an applicant: one scorecard each, blind until their own is in."""
