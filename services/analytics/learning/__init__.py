"""Learning records 学时: how many hours somebody learned and taught, once for each person and source."""
