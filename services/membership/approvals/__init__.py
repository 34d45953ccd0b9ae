"""Approval of applicants by whoever manages their department, or who stands in for them."""
