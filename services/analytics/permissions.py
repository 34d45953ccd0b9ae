"""The rows of the permission table that this service decides by."""

from chassis.security.permissions import permission

INSIGHTS_READ = permission("insights.read", "– – – – – – – y y – –")
INSIGHTS_ACT = permission("insights.act", "– – – – – – – y y – –")
METRICS_READ = permission("metrics.read", "– – – – – – – y y – y")
