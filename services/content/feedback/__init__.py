"""Feedback 意见与投诉: what a member tells those who run the community, and nobody else."""
