"""The permissions that a service account can have, of all services.

Membership hands them out without knowing the other services, so the list stands here; a test compares it with what they declare.
"""

from enum import StrEnum


class Scope(StrEnum):
    """A permission that a service account can have, see the permission table."""

    ACTIVITIES_IMPORT = "activities.import"
    ACTIVITIES_READ = "activities.read"
    APPLICATIONS_READ = "applications.read"
    ARCHIVE_IMPORT = "archive.import"
    ARTICLES_READ = "articles.read"
    ATTENDANCES_IMPORT = "attendances.import"
    CAMPAIGNS_READ = "campaigns.read"
    CHECKINS_IMPORT = "checkins.import"
    CHECKINS_READ = "checkins.read"
    COMMUNITIES_READ = "communities.read"
    DEPARTMENTS_READ = "departments.read"
    DEPARTMENTS_WRITE = "departments.write"
    DESK_READ = "desk.read"
    DISCUSSIONS_READ = "discussions.read"
    EARNING_OUTCOMES_READ = "earning_outcomes.read"
    EARNING_RULES_READ = "earning_rules.read"
    GOALS_READ = "goals.read"
    IDEAS_READ = "ideas.read"
    LEDGER_ENTRIES_READ = "ledger_entries.read"
    LEARNING_RECORDS_READ = "learning_records.read"
    MEMBERS_IMPORT = "members.import"
    MEMBERS_READ = "members.read"
    METRICS_READ = "metrics.read"
    METRIC_VALUES_WRITE = "metric_values.write"
    OPS_READ = "ops.read"
    PEOPLE_IMPORT = "people.import"
    PEOPLE_READ = "people.read"
    PEOPLE_WRITE = "people.write"
    REGISTRATIONS_ASSIGN = "registrations.assign"
    REGISTRATIONS_EXCUSE = "registrations.excuse"
    REGISTRATIONS_LIST = "registrations.list"
    RESPONSIBILITIES_READ = "responsibilities.read"
    RETENTION_READ = "retention.read"
    SEARCH_READ = "search.read"
    STANDING_READ = "standing.read"
    WALLETS_READ = "wallets.read"
    WORK_CALENDARS_READ = "work_calendars.read"
    WORK_CALENDARS_WRITE = "work_calendars.write"
