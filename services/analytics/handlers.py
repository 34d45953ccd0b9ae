"""Integration events in."""

from chassis.messaging.handlers import Handlers
from chassis.projections import follow_membership
from contracts.membership import COMMUNITY_STATES, MEMBER_STATES, PERSON_STATES
from services.analytics.projections import known

handlers = Handlers()
follow_membership(handlers, known, people=PERSON_STATES, communities=COMMUNITY_STATES, members=MEMBER_STATES)
