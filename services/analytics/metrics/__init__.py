"""Metrics: what a community is measured by, each by a written definition that has a version."""
