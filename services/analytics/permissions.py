"""The rows of the permission table that this service decides by."""

from chassis.security.permissions import permission

AUTOMATIONS_WRITE = permission("automations.write", "– – – – – – – y y – –")
EXPORTS_CREATE = permission("exports.create", "– – – – – – – y y – y")
EXPORTS_JOB = permission("exports.job", "– – – – – – – o y o o")
GOALS_READ = permission("goals.read", "– – – y y y y y y – y")
GOALS_WRITE = permission("goals.write", "– – – – – – – y y – –")
INSIGHTS_READ = permission("insights.read", "– – – – – – – y y – –")
INSIGHTS_ACT = permission("insights.act", "– – – – – – – y y – –")
LEARNING_RECORDS_READ = permission("learning_records.read", "– o o o o o o y y – y")
METRICS_READ = permission("metrics.read", "– – – – – – – y y – y")
RETENTION_READ = permission("retention.read", "– – – – – – – y y – y")
REPORTS_READ = permission("reports.read", "– – – – – – – y y – –")
REPORTS_CREATE = permission("reports.create", "– – – – – – – y y – –")
METRIC_VALUES_WRITE = permission("metric_values.write", "– – – – – – – y y – y")
