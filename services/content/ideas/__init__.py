"""Ideas 创意: proposed by members, voted for, and decided by those who run the community."""
