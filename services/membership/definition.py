"""What the membership service is made of, and what follows what inside it."""

from chassis.occasions import when
from chassis.service import Service
from services.membership.appeals.feature import feature as appeals
from services.membership.appeals.occasions import appeal_moved
from services.membership.appeals.pausing import rest_at_once
from services.membership.appeals.progress import note_own
from services.membership.appeals.queries import appeals_against
from services.membership.application_holds.feature import feature as application_holds
from services.membership.applications.feature import feature as applications
from services.membership.applications.leaving import withdraw_applications
from services.membership.applications.occasions import (
    application_moved,
    applications_forgotten,
    came_back,
    steps_asked,
    taking_asked,
)
from services.membership.applications.releasing import let_in_the_waiting
from services.membership.approvals.asking import follow_application as ask_for_approval
from services.membership.approvals.asking import forget_reasons, what_approval_lacks
from services.membership.approvals.feature import feature as approvals
from services.membership.approvals.occasions import approval_moved
from services.membership.approvals.service import takes_part as answers_for_applicant
from services.membership.base import Base, tables, texts
from services.membership.bootstrap import bootstrap
from services.membership.campaigns.feature import feature as campaigns
from services.membership.campaigns.occasions import quota_raised, test_set
from services.membership.cases.feature import feature as cases
from services.membership.cases.following import hand_on, leave_to_reviewer
from services.membership.cases.occasions import reviewer_appointed
from services.membership.cases.queries import reported_among, reviewed_among
from services.membership.charter_agreements.feature import feature as charter_agreements
from services.membership.cohorts.feature import feature as cohorts
from services.membership.communities.feature import feature as communities
from services.membership.communities.occasions import community_assigned, community_copied, community_moved
from services.membership.credentials.by_mail import note_undelivered
from services.membership.credentials.by_mail import write as mail_code
from services.membership.credentials.feature import feature as credentials
from services.membership.credentials.occasions import passwords_changed
from services.membership.deliveries.feature import feature as deliveries
from services.membership.deliveries.occasions import address_refused
from services.membership.deliveries.occasions import ended as delivery_ended
from services.membership.deliveries.occasions import sending as delivery_sending
from services.membership.departments.feature import feature as departments
from services.membership.departments.occasions import departments_moved
from services.membership.directory.feature import feature as directory
from services.membership.enrolment.feature import feature as enrolment
from services.membership.enrolment.service import note_assigned, note_departments, note_moved, note_people
from services.membership.entering.feature import feature as entering
from services.membership.entering.occasions import invitation_ended, person_invited
from services.membership.groups.feature import feature as groups
from services.membership.groups.following import come_back_to_groups, leave_groups
from services.membership.hr.feature import feature as hr
from services.membership.identities.feature import feature as identities
from services.membership.identities.service import close_identities
from services.membership.interviews.conflicts import takes_part as interviews_applicant
from services.membership.interviews.feature import feature as interviews
from services.membership.interviews.following import follow_application
from services.membership.interviews.forgetting import forget_interviews
from services.membership.interviews.naming import drop_former_member, drop_people
from services.membership.interviews.occasions import conflict_declared, interview_moved
from services.membership.keys.feature import feature as keys
from services.membership.keys.service import own_keys
from services.membership.mailings.by_messenger import leave_by_messenger
from services.membership.mailings.feature import feature as mailings
from services.membership.mailings.leaving import leave_mail
from services.membership.mailings.writing import write_mail
from services.membership.measures.feature import feature as measures
from services.membership.measures.occasions import measure_due
from services.membership.measures.service import follow_rules
from services.membership.mentorships.ending import part, take_up_again
from services.membership.mentorships.feature import feature as mentorships
from services.membership.mentorships.occasions import mentorship_moved, proposals_lapsed
from services.membership.messengers.feature import feature as messengers
from services.membership.messengers.hearing import post_of_community
from services.membership.messengers.occasions import channel_switched_off
from services.membership.notifications.feature import feature as notifications
from services.membership.notifications.mentorship_news import take_back_proposals, tell_of_mentorship
from services.membership.notifications.occasions import notified
from services.membership.notifications.own_news import (
    read_of_rules,
    tell_of_appeals,
    tell_of_appointment,
    tell_of_approval,
    tell_of_channel_off,
    tell_of_coming_back,
    tell_of_interview,
    tell_of_invitation,
    tell_of_measure_due,
    tell_of_refused_address,
    tell_of_reset_factors,
    tell_of_rules_due,
    tell_of_test,
    tell_of_webhooks_off,
    withdraw_invitation,
)
from services.membership.notifications.receipts import note_delivered
from services.membership.penalties.feature import feature as penalties
from services.membership.penalties.occasions import appeals_sought, parties_sought, penalty_revised, reviewed_sought
from services.membership.penalties.service import sanctions_of
from services.membership.people.feature import feature as people
from services.membership.people.occasions import people_changed, people_left, people_locked_out
from services.membership.platform_roles.feature import feature as platform_roles
from services.membership.privacy.feature import feature as privacy
from services.membership.profiles.feature import feature as profiles
from services.membership.providers.feature import feature as providers
from services.membership.responsibilities.feature import feature as responsibilities
from services.membership.responsibilities.service import hand_over
from services.membership.role_grants.feature import feature as role_grants
from services.membership.roster.feature import feature as roster
from services.membership.roster.leaving import end_memberships
from services.membership.roster.occasions import (
    judging_ended,
    membership_ended,
    membership_restored,
    ownership_ended,
    running_begun,
    sanctions_sought,
)
from services.membership.roster.staff import runs_communities_since
from services.membership.rule_sets.copying import copy_rules
from services.membership.rule_sets.feature import feature as rule_sets
from services.membership.rule_sets.occasions import rules_acknowledged, rules_due, rules_published
from services.membership.rule_sets.service import note_overdue
from services.membership.scorecards.feature import feature as scorecards
from services.membership.scorecards.service import drop_of_conflicted, forget_cards, what_interviews_lack
from services.membership.screening_tests.erasing import forget_attempts
from services.membership.screening_tests.feature import feature as screening_tests
from services.membership.screening_tests.occasions import test_due
from services.membership.screening_tests.papers import see_to_paper
from services.membership.screening_tests.queries import what_tests_lack
from services.membership.screening_tests.running import call_to_test
from services.membership.second_factors.feature import feature as second_factors
from services.membership.second_factors.occasions import (
    second_factor_confirmed,
    second_factors_reset,
    staff_sought,
)
from services.membership.service_accounts.feature import feature as service_accounts
from services.membership.sessions.feature import feature as sessions
from services.membership.sessions.service import (
    end_sessions,
    end_sessions_of_lost_factors,
    end_sessions_of_old_passwords,
    note_second_factor,
)
from services.membership.standing.authority import MembershipAuthority
from services.membership.standing.feature import feature as standing
from services.membership.streams.feature import feature as streams
from services.membership.webhooks.feature import feature as webhooks
from services.membership.webhooks.occasions import webhooks_switched_off
from services.membership.webhooks.standing import switch_off_of_community, switch_off_of_member, switch_off_of_people
from services.membership.work_calendars.feature import feature as work_calendars

definition = Service(
    name="membership",
    base=Base,
    tables=tables,
    migrations="services.membership.migrations",
    features=[
        people,
        deliveries,
        directory,
        hr,
        platform_roles,
        privacy,
        credentials,
        second_factors,
        sessions,
        streams,
        identities,
        providers,
        departments,
        work_calendars,
        service_accounts,
        keys,
        communities,
        cohorts,
        campaigns,
        application_holds,
        applications,
        screening_tests,
        roster,
        role_grants,
        penalties,
        responsibilities,
        interviews,
        scorecards,
        approvals,
        charter_agreements,
        rule_sets,
        measures,
        mentorships,
        cases,
        appeals,
        standing,
        entering,
        groups,
        enrolment,
        messengers,
        profiles,
        webhooks,
        notifications,
        mailings,
    ],
    effects=[
        when(passwords_changed, end_sessions_of_old_passwords),
        when(second_factor_confirmed, note_second_factor),
        when(staff_sought, runs_communities_since),
        when(second_factors_reset, end_sessions_of_lost_factors, tell_of_reset_factors),
        when(people_locked_out, end_sessions, switch_off_of_people),
        # Applications before memberships: their locks come first everywhere.
        when(
            people_left,
            end_sessions,
            close_identities,
            withdraw_applications,
            end_memberships,
            drop_people,
            switch_off_of_people,
        ),
        when(people_changed, note_people),
        when(departments_moved, note_departments),
        when(community_copied, copy_rules),
        when(community_assigned, note_assigned),
        when(membership_ended, hand_over, leave_groups, drop_former_member, note_overdue, part, switch_off_of_member),
        # As above: groups before mentorships.
        when(membership_restored, come_back_to_groups, take_up_again),
        when(ownership_ended, switch_off_of_member),
        when(running_begun, leave_to_reviewer),
        when(judging_ended, hand_on),
        when(sanctions_sought, sanctions_of),
        when(appeals_sought, appeals_against),
        when(parties_sought, reported_among),
        when(reviewed_sought, reviewed_among),
        when(penalty_revised, note_own, rest_at_once),
        when(reviewer_appointed, tell_of_appointment),
        when(community_moved, post_of_community, switch_off_of_community, note_moved),
        when(appeal_moved, tell_of_appeals),
        when(quota_raised, let_in_the_waiting),
        when(test_set, see_to_paper),
        when(test_due, tell_of_test),
        when(came_back, tell_of_coming_back),
        when(application_moved, call_to_test, follow_application, ask_for_approval),
        when(applications_forgotten, forget_attempts, forget_interviews, forget_cards, forget_reasons),
        when(steps_asked, what_tests_lack, what_interviews_lack, what_approval_lacks),
        when(taking_asked, interviews_applicant, answers_for_applicant),
        when(conflict_declared, drop_of_conflicted),
        when(interview_moved, tell_of_interview),
        when(approval_moved, tell_of_approval),
        when(delivery_sending, mail_code, write_mail),
        when(delivery_ended, note_undelivered, note_delivered),
        when(address_refused, tell_of_refused_address),
        when(rules_published, follow_rules),
        when(measure_due, tell_of_measure_due),
        when(rules_due, tell_of_rules_due),
        when(rules_acknowledged, read_of_rules),
        when(notified, leave_mail, leave_by_messenger),
        when(person_invited, tell_of_invitation),
        when(invitation_ended, withdraw_invitation),
        when(webhooks_switched_off, tell_of_webhooks_off),
        when(channel_switched_off, tell_of_channel_off),
        when(mentorship_moved, tell_of_mentorship),
        when(proposals_lapsed, take_back_proposals),
    ],
    authority=MembershipAuthority,
    texts=texts,
    publishes=["qunxue.membership", "qunxue.membership.restricted"],
    bootstrap=bootstrap,
    keys=own_keys,
)
