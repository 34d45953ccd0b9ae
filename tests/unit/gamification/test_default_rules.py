"""The default rules are those of the specification: each number, limit and trigger, written down by hand once more."""

import pytest

from services.gamification.earning.defaults import DEFAULT_RULES
from services.gamification.earning.rules import RuleVersion

# code, trigger, points, xp, whom it pays, once per, a day, from one giver, shared among authors, when
TABLE = [
    ("joined", "member.joined", 10, 0, "member", "member", None, None, False, ""),
    ("checkin", "checkin.recorded", 5, 5, "member", "event", None, None, False, ""),
    ("streak_week", "streak.completed_week", 20, 20, "member", "target", None, None, False, ""),
    ("discussion", "discussion.started", 5, 5, "author", "event", 15, None, False, "kind: topic question help_request"),
    ("reply", "reply.posted", 2, 2, "author", "event", 20, None, False, ""),
    ("answer_accepted", "answer.accepted", 15, 15, "answerer", "target", None, "3 a week", False, ""),
    ("like_received", "reaction.added", 1, 1, "author", "target", 20, "3 a day", False, "reaction: like"),
    ("article", "article.published", 30, 30, "author", "target", None, None, True, "kind not: case_study experience"),
    ("case_study", "article.published", 40, 40, "author", "target", None, None, True, "kind: case_study"),
    ("experience", "article.published", 15, 15, "author", "target", 15, None, True, "kind: experience"),
    ("featured", "content.featured", 20, 20, "author", "target", None, None, False, ""),
    ("activity_attended", "attendance.recorded", 10, 10, "member", "target", None, None, False, "role: attendee, extent: full"),
    ("activity_partly", "attendance.recorded", 5, 5, "member", "target", None, None, False, "role: attendee, extent: partial"),
    ("session_given", "attendance.recorded", 50, 50, "member", "target", None, None, False, "role: speaker, activity_kind: sharing_session"),
    ("contest_first", "contest.finished", 100, 100, "member", "target", None, None, False, "rank: 1"),
    ("contest_second", "contest.finished", 60, 60, "member", "target", None, None, False, "rank: 2"),
    ("contest_third", "contest.finished", 30, 30, "member", "target", None, None, False, "rank: 3"),
    ("survey", "survey.answered", 3, 3, "member", "target", None, None, False, ""),
    ("survey_unnamed", "survey.participated", 3, 3, "member", "target", None, None, False, ""),
    ("kudos_received", "kudos.given", 5, 5, "recipient", "target", 15, "1 a week", False, ""),
    ("idea_adopted", "idea.decided", 50, 50, "author", "target", None, None, False, "to: adopted"),
    ("course_completed", "course.completed", 40, 40, "member", "target", None, None, False, ""),
    ("mentorship_mentor", "mentorship.completed", 60, 60, "mentor", "target", None, None, False, ""),
    ("mentorship_mentee", "mentorship.completed", 60, 60, "mentee", "target", None, None, False, ""),
    ("violation_minor", "penalty.imposed", -10, 0, "member", "target", None, None, False, "severity: minor"),
    ("violation_serious", "penalty.imposed", -30, 0, "member", "target", None, None, False, "severity: serious"),
    ("violation_grave", "penalty.imposed", -60, 0, "member", "target", None, None, False, "severity: grave"),
]  # fmt: skip


def told(rule: RuleVersion) -> tuple[object, ...]:
    giver = f"{rule.per_giver.count} a {rule.per_giver.per}" if rule.per_giver else None
    tests = []
    for one in rule.when:
        values = " ".join(str(each) for each in (one.value if isinstance(one.value, tuple) else (one.value,)))
        tests.append(f"{one.field}{' not' if one.op == 'not_in' else ''}: {values}")
    return (
        rule.code,
        rule.trigger,
        rule.points,
        rule.xp,
        rule.beneficiary,
        rule.once_per,
        rule.daily_cap,
        giver,
        rule.shared,
        ", ".join(tests),
    )


@pytest.mark.parametrize("row", TABLE, ids=[str(row[0]) for row in TABLE])
def test_a_default_rule_pays_what_is_specified(row):
    (rule,) = [rule for rule in DEFAULT_RULES if rule.code == row[0]]
    assert told(rule) == row


def test_there_are_no_other_default_rules_and_none_has_a_cap_of_the_week():
    assert [rule.code for rule in DEFAULT_RULES] == [row[0] for row in TABLE]
    assert {rule.weekly_cap for rule in DEFAULT_RULES} == {None}
    assert all(rule.enabled and rule.valid_from is None and rule.version == 0 for rule in DEFAULT_RULES)
