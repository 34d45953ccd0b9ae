"""Whatever two requests can make twice says what the second is answered."""

import pytest
from sqlalchemy import PrimaryKeyConstraint, Table
from sqlmodel import SQLModel

from chassis.database.constraints import ANSWERS, Unique, unique_in
from chassis.ids import new_id
from chassis.settings import SERVICES
from qunxue.installed import service

NEVER_TWICE = {
    "charters": "counted under the lock of the community",
    "charter_agreements": "written under the lock of the member",
    "rule_acknowledgements": "written under the lock of the member",
    "rule_measures": "written under the lock of the community",
    "measured_deeds": "merged into what is there",
    "form_versions": "counted under the lock of the campaign",
    "cases": "looked for under the lock of the member",
    "conduct_reports": "looked for under the lock of the member",
    "penalties": "a case is confirmed once, under its lock",
    "penalty_revisions": "counted under the lock of the penalty",
    "grouping_places": "written once, by the job that plans them",
    "group_members": "written under the lock of the group",
    "channel_visits": "added to where it is there",
    "credentials": "written under the lock of the person",
    "person_search_keys": "written under the lock of the person",
    "login_failures": "added to where it is there",
    "one_time_codes": "random",
    "recovery_codes": "random",
    "second_factor_terms": "there is one row",
    "refresh_tokens": "random",
    "service_account_secrets": "random",
    "signing_keys": "random",
    "work_calendars": "made by a job, whose step is tried again",
    "wallets": "written where it is not there yet",
    "ledger_transfers": "a new id",
    "ledger_holds": "a new id",
    "award_budgets": "written where it is not there yet",
    "ledger_expiry_policies": "written under the lock of the community's rules",
    "ledger_lots": "written under the lock of the wallet",
    "ledger_lot_uses": "written under the lock of the wallet",
    "level_changes": "a new id",
    "mentor_capacities": "written under the lock of the mentor",
    "member_perks": "replaced where it is there",
    "deliveries": "written where it is not there yet",
    "webhook_messages": "written where it is not there yet",
    "webhook_subjects": "written over where it is there",
    "address_refusals": "replaced where it is there",
    "ladders": "written where it is not there yet",
    "badges": "a new id",
    "promotion_committees": "written where it is not there yet",
    "promotion_nominations": "a new id",
    "promotion_votes": "replaced where it is there, under the lock of the nomination",
    "badge_versions": "counted under the lock of the badge",
    "badge_awards": "a new id",
    "board_roles": "written where it is not there yet",
    "board_scores": "added to where it is there",
    "streaks": "replaced where it is there",
    "fines": "replaced under the lock of the penalty",
    "suspensions": "replaced under the lock of the penalty",
    "given_up_registrations": "replaced under the lock of the activity",
    "plan_likes": "written where it is not there yet",
    "plan_entries": "written under the lock of the participant",
    "plan_participants": "written under the lock of the plan",
    "reward_communities": "written where it is not there yet",
    "voucher_codes": "written where it is not there yet",
    "streak_weeks": "written under the lock of the wallet",
    "earning_rule_versions": "counted under the lock of the community's rules",
    "earning_occurrences": "written where it is not there yet",
    "earning_withdrawals": "replaced where it is there",
    "earning_shares": "replaced where it is there",
    "earning_claims": "replaced where it is there",
    "earning_rule_titles": "written under the lock of the community's rules",
    "earning_givers": "replaced where it is there",
    "earning_targets": "replaced where it is there",
    "content_reports": "written under the lock of what is reported",
    "listed_words": "replaced where it is there, under the lock of the community's rules",
    "judged_texts": "messages about one text come one after the other",
    "moderation_told": "written where it is not there yet",
    "scan_rules": "written where it is not there yet",
    "earning_default_editions": "written by the migration step under its lock",
    "earning_outcomes": "replaced where it is there",
    "deeds": "replaced where it is there",
    "discussion_texts": "written with the discussion",
    "discussion_tags": "written under the lock of the discussion",
    "drafts": "written where it is not there yet",
    "bookmarks": "written where it is not there yet",
    "assignments": "written under the lock of the discussion",
    "attachment_parts": "written under the lock of the attachment",
    "attachment_links": "written under the lock of what names the attachment",
    "attachment_uses": "written under the lock of the attachment",
    "attachment_limits": "written where it is not there yet",
    "polls": "written with the discussion",
    "poll_votes": "written under the lock of the poll",
    "announcements": "written with the discussion",
    "announcement_confirmations": "written where it is not there yet",
    "activity_organisers": "written under the lock of the activity",
    "series_organisers": "written under the lock of the series",
    "activity_stewards": "written under the lock of the activity",
    "activity_forms": "numbered under the lock of the activity",
    "registration_answers": "written under the lock of the activity",
    "recording_consents": "written under the lock of the activity",
    "question_bank_editors": "written under the lock of the bank",
    "question_bank_readers": "written where it is not there yet",
    "questions": "numbered under the lock of the bank",
    "question_exports": "a new id",
    "question_versions": "numbered under the lock of the question",
    "paper_editors": "written under the lock of the paper",
    "paper_versions": "numbered under the lock of the paper",
    "paper_questions": "written with the version of the paper",
    "contest_papers": "written under the lock of the contest",
    "contest_standings": "written under the lock of the contest",
    "contest_team_members": "written under the lock of the contest",
    "contest_extra_times": "written under the lock of the contest",
    "contest_answers": "written over where it is there, under the lock of the attempt",
    "contest_regrade_lines": "written under the lock of the correction",
    "test_regrade_lines": "written under the lock of the correction",
    "speaker_contacts": "written under the lock of the activity",
    "speaker_invitations": "written under the lock of the activity",
    "held_sessions": "messages about one activity come one after the other",
    "session_speakers": "messages about one activity come one after the other",
    "meetings": "written under the lock of the activity",
    "survey_invitees": "written with the survey",
    "feedback_colleagues": "written with the request",
    "feedback_request_counts": "written where it is not there yet",
    "survey_ballots": "a random number",
    "survey_mixed_ballots": "a random number",
    "survey_participations": "written where it is not there yet",
    "survey_texts": "a random number",
    "survey_policies": "written where it is not there yet",
    "read_marks": "moved on where it is there",
    "read_floors": "moved on where it is there",
    "article_versions": "numbered under the lock of the article",
    "article_authors": "written under the lock of the article",
    "article_readings": "written where it is not there yet",
    "article_tags": "written under the lock of the article",
    "late_readings": "written where it is not there yet",
    "feedback_counts": "written where it is not there yet",
    "idea_texts": "written with the idea",
    "idea_tags": "written under the lock of the idea",
    "idea_votes": "written under the lock of the idea",
    "search_generations": "numbered under the lock of all of them",
    "search_documents": "a new number",
    "search_communities": "inserted or changed in one statement",
    "review_policies": "written where it is not there yet",
    "question_policies": "written where it is not there yet",
    "masks": "a new number",
    "guests": "written by one handler, in its order",
    "guest_activities": "written by one handler, in its order",
    "company_rules": "there is one row",
    "facts": "merged into what is there",
    "fact_objects": "merged into what is there",
    "person_places": "written where it is not there yet",
    "member_invitations": "random",
    "member_invitation_uses": "written under the lock of the invitation",
    "enrolment_rounds": "a new id",
    "enrolment_kept": "written where it is not there yet",
    "notification_causes": "what somebody was told already is left out, and a race is tried again",
    "notification_sources": "written over where it is there",
    "notification_things": "written over where it is there",
    "notification_followers": "written over where it is there",
    "notification_preferences": "written over where it is there",
    "notification_changes": "numbered by the database",
    "member_stands": "written where it is not there yet",
    "places": "written where it is not there yet",
    "rollup_generations": "there is one row",
    "automation_books": "made where it is not there",
    "automation_firings": "made where it is not there",
    "automation_quiets": "written over where it is there",
    "insight_rounds": "written over where it is there",
    "member_risks": "written by the community's timer alone",
    "member_days": "added to where it is there",
    "member_periods": "added to where it is there",
    "object_days": "added to where it is there",
    "member_spells": "written under the lock of the community's mark",
    "metric_marks": "written where it is not there yet",
    "community_hearings": "written over where it is there",
    "kept_answers": "written over what is there",
    "question_courses": "merged into what is there",
    "answers": "merged into what is there",
    "activity_courses": "merged into what is there",
    "registration_courses": "merged into what is there",
    "attendance_courses": "merged into what is there",
    "satisfaction_courses": "merged into what is there",
    "application_courses": "merged into what is there",
    "member_courses": "merged into what is there",
    "goal_books": "written where it is not there yet",
    "report_books": "written where it is not there yet",
    "export_files": "written once, by the job that it is of",
    "group_exports": "the same",
    "report_files": "written once, when its report becomes ready",
    "learning_activities": "merged into what is there",
    "learning_attendances": "merged into what is there",
    "learning_records": "inserted or changed in one statement",
    "department_managers": "merged into what is there",
    "attended_activities": "merged into what is there",
    "activity_attendances": "merged into what is there",
}
"""Primary keys that callers do not choose, beside ids that the tables give out themselves; each with its reason."""


def tables_of(name: str) -> dict[Table, type[SQLModel]]:
    """The tables of a service's own features with their models; those of the chassis are not written by use cases."""
    return {model.metadata.tables[str(model.__tablename__)]: model for model in service(name).base.__subclasses__()}


@pytest.mark.parametrize("name", SERVICES)
def test_every_unique_constraint_says_what_its_violation_is_answered(name):
    silent = [
        str(constraint.name)
        for table, model in tables_of(name).items()
        for constraint in unique_in(table)
        if ANSWERS not in constraint.info and not _is_never_twice(constraint, table, model)
    ]
    assert not silent, "unique(…, answers=…) or key(…, answers=…)"


@pytest.mark.parametrize("name", SERVICES)
def test_columns_that_are_unique_in_two_ways_have_one_answer(name):
    """SQLite tells the columns, not the constraint."""
    for table in service(name).tables.metadata.tables.values():
        answers = {}
        for constraint in unique_in(table):
            answer = constraint.info.get(ANSWERS)
            assert answers.setdefault(frozenset(constraint.columns.keys()), answer) == answer, constraint.name


@pytest.mark.parametrize("name", SERVICES)
def test_no_name_is_longer_than_postgresql_keeps(name):
    """It would be cut, and the answer not be found."""
    for table in service(name).tables.metadata.tables.values():
        assert not [one.name for one in unique_in(table) if one.name and len(str(one.name)) > 63]


def test_what_is_never_twice_is_there_and_says_nothing_else():
    tables = {table.name: table for name in SERVICES for table in tables_of(name)}
    assert set(NEVER_TWICE) <= set(tables)
    assert not [name for name in NEVER_TWICE if ANSWERS in tables[name].primary_key.info]


def _is_never_twice(constraint: Unique, table: Table, model: type[SQLModel]) -> bool:
    if not isinstance(constraint, PrimaryKeyConstraint):
        return False
    (first, *others) = constraint.columns.keys()
    given_out = not others and model.model_fields[first].default_factory is new_id
    return given_out or table.name in NEVER_TWICE
