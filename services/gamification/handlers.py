"""Integration events in: what is known of people, communities and members. The features have handlers of their own."""

from chassis.messaging.handlers import Handlers
from chassis.projections import follow_membership
from contracts.membership import COMMUNITY_STATES, MEMBER_STATES, PERSON_STATES
from services.gamification.base import known

handlers = Handlers()
follow_membership(handlers, known, people=PERSON_STATES, communities=COMMUNITY_STATES, members=MEMBER_STATES)
