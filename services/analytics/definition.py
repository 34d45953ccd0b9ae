"""What the analytics service is made of."""

from chassis.occasions import when
from chassis.projections import ProjectionAuthority, follow_membership
from chassis.service import Service
from contracts.conduct import ACKNOWLEDGEMENT_STATES, RULE_SET_STATES
from contracts.membership import (
    COMMUNITY_STATES,
    DEPARTMENT_STATES,
    MEMBER_STATES,
    PERSON_STATES,
    SANCTION_STATES,
    WORK_CALENDAR_STATES,
)
from services.analytics.automations.feature import feature as automations
from services.analytics.automations.following import follow_morning, follow_raised, follow_risks, keep_quiet
from services.analytics.base import Base, tables
from services.analytics.facts.feature import feature as facts
from services.analytics.facts.occasions import history_told, past_changed
from services.analytics.goals.feature import feature as goals
from services.analytics.insights.feature import feature as insights
from services.analytics.insights.occasions import insights_raised, mornings, risks_told
from services.analytics.learning.feature import feature as learning
from services.analytics.metrics.feature import feature as metrics
from services.analytics.metrics.kept import drop_kept
from services.analytics.metrics.marks import follow_past
from services.analytics.processes.feature import feature as processes
from services.analytics.reports.feature import feature as reports
from services.analytics.retention.feature import feature as retention

definition = Service(
    name="analytics",
    base=Base,
    tables=tables,
    migrations="services.analytics.migrations",
    features=[
        facts,
        processes,
        metrics,
        retention,
        goals,
        learning,
        insights,
        automations,
        reports,
    ],
    effects=[
        when(mornings, follow_morning),
        when(insights_raised, follow_raised),
        when(risks_told, follow_risks),
        when(past_changed, follow_past, drop_kept),
        when(history_told, keep_quiet),
    ],
    projections=follow_membership(
        people=PERSON_STATES,
        departments=DEPARTMENT_STATES,
        communities=COMMUNITY_STATES,
        members=MEMBER_STATES,
        sanctions=SANCTION_STATES,
        rule_sets=RULE_SET_STATES,
        acknowledgements=ACKNOWLEDGEMENT_STATES,
        work_calendars=WORK_CALENDAR_STATES,
    ),
    authority=ProjectionAuthority,
    publishes=["qunxue.analytics", "qunxue.analytics.restricted"],
)
