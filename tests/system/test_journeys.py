"""What members of one company go through, each in a community of their own: two ways of running, each started once."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from itertools import count
from pathlib import Path

import pytest

from tests.support.processes import Processes
from tests.system import conduct
from tests.system.acting import walk_an_insight
from tests.system.asking_members import ALL, a_team, let_in, one_more_person, walk_a_pulse, walk_satisfaction
from tests.system.calling_others import a_receiver, walk_an_outage
from tests.system.competing import walk_a_contest
from tests.system.discussing import walk_discussions
from tests.system.enrolling import walk_an_enrolment
from tests.system.expelling import walk_an_expulsion
from tests.system.holding_camps import walk_a_camp
from tests.system.journey import (
    ACCEPTED,
    WAITLISTED,
    Journey,
    activate,
    apply,
    decide,
    import_people,
    join,
    open_campaign,
    open_community,
    walk_from_a_campaign_to_the_board,
)
from tests.system.keeping_rules import walk_new_rules
from tests.system.losing_a_factor import walk_a_loss
from tests.system.measuring import ZONE, today, walk_a_channel, walk_a_question
from tests.system.mentoring import walk_a_mentorship
from tests.system.reaching_goals import walk_a_goal
from tests.system.redeeming import NETWORKS, a_shop, walk_a_mug, walk_a_shop
from tests.system.rising import members_long_since, walk_a_promotion, walk_past_badges
from tests.system.screening import walk_a_screening, walk_approvals
from tests.system.speaking_from_outside import walk_a_guest
from tests.system.stacks import STARTS, WAYS, Stack, set_to
from tests.system.testing_applicants import walk_more_time
from tests.system.winning import walk_a_season

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SLUGS = count(1)
INSIDE = {"QUNXUE_WEBHOOK_NETWORKS": NETWORKS}
"""A shop and another system that are called stand on this machine."""


@pytest.fixture(scope="module", params=WAYS)
def company(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Stack, dict[str, str], Path]]:
    """A company whose people have passwords: the product, their ids by their numbers, and where its logs are."""
    folder = tmp_path_factory.mktemp("company")
    with STARTS[request.param](folder, **set_to(request.param, INSIDE)) as stack:
        first = Journey(stack, stack.admin())
        try:
            import_people(first)
            one_more_person(first)
            activate(first)
        finally:
            first.close()
        yield stack, first.people, folder


@pytest.fixture
def journey(company: tuple[Stack, dict[str, str], Path]) -> Iterator[Journey]:
    """A new community of theirs, on a Monday morning."""
    stack, people, _ = company
    _to_monday_morning(stack)
    made = Journey(stack, stack.admin(), people=people)
    try:
        open_community(made, slug=f"sharing-{next(SLUGS)}")
        yield made
    finally:
        made.close()


@pytest.fixture
def members(journey: Journey) -> dict[str, str]:
    """Everybody but the last is a member, and has been for long; their member ids by number."""
    return members_long_since(journey)


def test_a_company_walks_from_a_campaign_to_the_leaderboard(journey):
    walk_from_a_campaign_to_the_board(journey)


def test_a_test_is_reopened_for_one_with_extra_time_and_handed_in_when_that_is_over(journey):
    walk_more_time(journey)


def test_a_camp_goes_from_opening_to_completion_over_a_day_that_was_returned(journey):
    members = let_in(journey, journey.community_id, [ACCEPTED, WAITLISTED])
    walk_a_camp(journey, members[ACCEPTED])


def test_a_goal_on_weekly_active_members_goes_from_setting_to_achieved(journey):
    let_in(journey, journey.community_id, [ACCEPTED, WAITLISTED])
    walk_a_goal(journey)


def test_a_lecturer_from_outside_sends_a_deck_writes_the_archive_and_gets_nothing_else(journey):
    walk_a_guest(journey)


def test_what_happens_is_in_the_figures_that_operators_read(journey):
    """A question to its response time, a channel to who is left after a month, an insight to what came of it."""
    came_on = today(journey)
    open_campaign(journey)
    apply(journey)
    decide(journey)
    join(journey)
    let_in(journey, journey.community_id, [WAITLISTED])
    walk_a_question(journey)
    walk_a_channel(journey, came_on)
    walk_an_insight(journey)


def test_badges_of_the_past_are_granted_on_request_after_a_history_came_in(journey, members):
    walk_past_badges(journey, members)


def test_a_committee_promotes_a_member_who_has_a_role_by_it_and_loses_both_after_the_grace(journey, members):
    walk_a_promotion(journey, members)


def test_an_applicant_loses_the_connection_in_the_test_is_met_by_three_of_whom_one_must_not_judge_and_is_accepted(
    journey,
):
    walk_a_screening(journey)


def test_managers_approve_one_by_a_deputy_and_one_not_at_all(journey):
    walk_approvals(journey)


def test_teams_compete_and_a_question_that_was_wrong_is_corrected_afterwards(journey, members):
    walk_a_contest(journey, members)


def test_a_member_asks_a_mentor_and_when_it_is_completed_both_are_paid_and_read_what_the_other_says(journey, members):
    walk_a_mentorship(journey, members)


def test_members_are_asked_and_what_they_say_is_shown_together(company, journey):
    """Of a session and of their team: who answered without a name stands beside no answer."""
    members = let_in(journey, journey.community_id, ALL[1:])
    walk_satisfaction(journey, members)
    walk_a_pulse(journey, a_team(journey, "team-of-seven", 7), a_team(journey, "team-of-four", 4))
    lines = [line for line in _logged(company[2]) if "/v1/surveys/" in line]
    assert any("/v1/surveys/{survey_id}/close" in line for line in lines), "there is something to find"
    # A guest, who may do nothing, was refused.
    assert not [line for line in lines if "/answers" in line and '"status":403' not in line]


def test_who_forgets_new_rules_is_reminded_and_reads_on_and_posts_as_soon_as_they_acknowledge(journey, members):
    walk_new_rules(journey, members)


def test_who_is_expelled_keeps_what_they_made_and_comes_back_to_what_is_not_filled(journey, members):
    walk_an_expulsion(journey, members)


def test_what_members_ask_answer_and_write_down_pays_and_is_taken_back(company, journey):
    stack, _, folder = company
    walk_discussions(journey, folder if stack.way == "embedded" else None)


def test_points_buy_a_mug_come_back_once_where_a_shop_refuses_and_are_won_in_a_season(journey):
    members = let_in(journey, journey.community_id, [ACCEPTED, WAITLISTED])
    wallet = f"/v1/wallets/{members[ACCEPTED]}"
    with a_shop() as shop:
        walk_a_mug(journey, wallet)
        walk_a_shop(journey, wallet, shop)
        walk_a_season(journey, members)


def test_another_system_that_is_away_for_days_has_what_it_missed_once(journey):
    with a_receiver() as receiver:
        walk_an_outage(journey, receiver)


def test_an_appeal_granted_in_part_takes_back_the_difference_alone_and_shows_how_far_every_service_is(journey):
    conduct.walk_an_appeal(journey, conduct.let_in(journey))


def test_what_a_moderator_removed_is_seen_again_when_the_appeal_against_that_is_granted(journey):
    conduct.let_in(journey)
    conduct.walk_a_removal(journey)


def test_who_loses_their_second_factor_gets_in_again(company, processes: Processes):
    walk_a_loss(company[0], processes)


def test_new_managers_are_enrolled_by_grade_and_nobody_is_removed_by_machine(company):
    """The last: from here on the company has 300 people more."""
    with company[0].admin() as admin:
        walk_an_enrolment(admin)


def _to_monday_morning(stack: Stack) -> None:
    now = stack.clock.now().astimezone(ZONE)
    monday = now.date() + timedelta(days=7 - now.weekday())
    stack.clock.advance(datetime.combine(monday, time(9), tzinfo=ZONE) - now)


def _logged(folder: Path) -> list[str]:
    texts = (log.read_text(encoding="utf-8", errors="replace") for log in folder.rglob("*.log"))
    return [line for text in texts for line in text.splitlines()]
