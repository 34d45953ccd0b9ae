"""What the events service is made of."""

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
from services.events.activities.feature import feature as activities
from services.events.activities.occasions import (
    activities_shown,
    activities_turned,
    activity_viewed,
    own_wanted,
    recording_asked,
    scanners_shown,
)
from services.events.archives.feature import feature as archives
from services.events.attendances.completing import follow_turned as completing_follows
from services.events.attendances.feature import feature as attendances
from services.events.attendances.occasions import attendance_corrected, seat_asked
from services.events.base import Base, tables, texts
from services.events.calendars.feature import feature as calendars
from services.events.contests.feature import feature as contests
from services.events.contests.service import follow_turned as contests_follow
from services.events.deeds.feature import feature as deeds
from services.events.feedback_requests.feature import feature as feedback_requests
from services.events.imported.feature import feature as imported
from services.events.invitations.feature import feature as invitations
from services.events.invitations.service import require_standing
from services.events.meetings.feature import feature as meetings
from services.events.meetings.occasions import invitation_asked
from services.events.papers.feature import feature as papers
from services.events.penalties.feature import feature as penalties
from services.events.proposals.feature import feature as proposals
from services.events.question_banks.feature import feature as question_banks
from services.events.recordings.feature import feature as recordings
from services.events.recordings.queries import is_cleared
from services.events.registrations.feature import feature as registrations
from services.events.registrations.following import (
    follow_corrected,
    is_invited,
    may_register,
    own_shown,
    registered,
    who_has_a_seat,
)
from services.events.registrations.following import follow_turned as registrations_follow
from services.events.registrations.reminding import plan_reminders
from services.events.retrospectives.feature import feature as retrospectives
from services.events.retrospectives.service import follow_turned as retrospectives_follow
from services.events.series.feature import feature as series
from services.events.speakers.feature import feature as speakers
from services.events.stewards.feature import feature as stewards
from services.events.stewards.following import own_doors
from services.events.surveys.feature import feature as surveys
from services.events.surveys.following import follow_turned as surveys_follow

definition = Service(
    name="events",
    base=Base,
    tables=tables,
    texts=texts,
    migrations="services.events.migrations",
    features=[
        deeds,
        penalties,
        activities,
        archives,
        attendances,
        meetings,
        registrations,
        contests,
        series,
        speakers,
        invitations,
        recordings,
        stewards,
        surveys,
        feedback_requests,
        calendars,
        imported,
        proposals,
        retrospectives,
        question_banks,
        papers,
    ],
    effects=[
        when(activities_shown, own_shown),
        when(activity_viewed, may_register),
        when(own_wanted, registered),
        when(scanners_shown, own_doors),
        when(
            activities_turned,
            registrations_follow,
            plan_reminders,
            completing_follows,
            surveys_follow,
            retrospectives_follow,
            contests_follow,
        ),
        when(recording_asked, is_cleared),
        when(seat_asked, who_has_a_seat),
        when(attendance_corrected, follow_corrected),
        when(invitation_asked, is_invited),
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
    guests=require_standing,
    publishes=["qunxue.events", "qunxue.events.restricted"],
)
