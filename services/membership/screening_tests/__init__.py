"""The step `test` of a campaign: a frozen paper, each applicant's attempts at it, and what they come to."""
