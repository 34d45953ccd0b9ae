"""Interviews, scorecards and approvals by the clock, and what they come to: pure."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.membership.approvals.rules import Hand, answering_refusal, first_manager, open_to_owners
from services.membership.interviews.calendar_entry import entry
from services.membership.interviews.rules import ACTIONS, BY_APPLICANT, Facts, refusal, status_at
from services.membership.scorecards.rules import NEEDED, Reader, mean_of_all, reads_others, unfinished

NOON = datetime(2026, 5, 13, 4, tzinfo=UTC)
CODES = ["learning", "teamwork", "talk"]
cards = st.lists(st.fixed_dictionaries({code: st.integers(1, 5) for code in CODES}), min_size=1, max_size=8)
weights = st.fixed_dictionaries({code: st.floats(0, 10) for code in CODES})


@given(cards, weights, st.randoms())
def test_the_mean_lies_between_the_lowest_and_the_highest_score_in_whatever_order_they_come(written, by, random):
    mean = mean_of_all(written, by)
    assert mean is not None
    scores = [score for card in written for score in card.values()]
    assert min(scores) - 1e-9 <= mean <= max(scores) + 1e-9
    shuffled = list(written)
    random.shuffle(shuffled)
    again = mean_of_all(shuffled, by)
    assert again is not None
    assert abs(again - mean) < 1e-9


@given(cards, weights, st.floats(0.1, 10))
def test_only_the_proportion_of_the_weights_counts(written, by, factor):
    one, other = mean_of_all(written, by), mean_of_all(written, {code: w * factor for code, w in by.items()})
    assert one is not None
    assert other is not None
    # Where a weight is so small that it vanishes, so does what it says.
    assert abs(one - other) < 1e-6 or min(w for w in by.values() if w > 0) < 1e-300


@given(st.integers(0, 5), st.integers(0, 5), st.booleans(), st.booleans())
def test_nobody_whom_somebody_met_is_decided_about_on_less_than_two_scorecards(written, handed_in, held, ahead):
    handed_in = min(written, handed_in)
    lacking = unfinished(state="interviewing", written=written, handed_in=handed_in, held=held, ahead=ahead)
    if ahead:
        assert lacking is not None
        assert lacking.even_to_reject
    elif handed_in >= NEEDED:
        assert lacking is None
    else:
        assert lacking is not None
        assert lacking.even_to_reject == (held or written > 0)


@given(st.builds(Reader, st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans()))
def test_nobody_reads_others_who_must_not_judge_or_is_to_write_still(reader):
    if reads_others(reader):
        assert not reader.is_applicant
        assert not reader.conflicted
        assert reader.own_in or not reader.interviews


minutes = st.integers(-300, 300).map(lambda n: timedelta(minutes=n))


@given(st.sampled_from(["offered", "chosen", "cancelled"]), minutes, st.booleans())
def test_nothing_about_an_interview_changes_when_its_time_has_come_but_whether_the_applicant_came(
    stored, after, missed
):
    status = status_at(stored, starts_at=NOON, missed=missed, now=NOON + after)
    everything = Facts(status, NOON, application_state="interviewing", own=True, runs=True, may_choose=True)
    possible = {action for action in ACTIONS if refusal(action, everything, NOON + after) is None}
    assert possible <= ({"miss"} if after >= timedelta() else {"choose", "give_up", "move", "cancel", "name"})
    stranger = Facts(status, NOON, application_state="interviewing")
    assert {refusal(action, stranger, NOON + after) for action in ACTIONS} == {"forbidden"}
    staff = Facts(status, NOON, application_state="interviewing", runs=True)
    assert {refusal(action, staff, NOON + after) for action in BY_APPLICANT} == {"forbidden"}


people = st.sampled_from([uuid4() for _ in range(3)])


@given(st.lists(st.one_of(st.none(), people), max_size=6), people)
def test_nobody_manages_themselves_and_the_nearest_one_is_asked(managers, applicant):
    found = first_manager([(str(place), one) for place, one in enumerate(managers)], applicant)
    assert found != applicant
    assert found == next((one for one in managers if one is not None and one != applicant), None)


@given(st.booleans(), st.booleans(), st.booleans(), st.booleans(), minutes)
def test_owners_answer_alone_where_nobody_else_can_or_did(is_manager, stands_in, owns, active, after):
    to_owners = open_to_owners(approver_id=uuid4(), approver_active=active, due_at=NOON, now=NOON + after)
    assert to_owners == (not active or after >= timedelta())
    hand = Hand(is_manager=is_manager, stands_in=stands_in, owns=owns)
    code = answering_refusal(hand, to_owners=to_owners, application_state="approving", campaign_archived=False)
    assert (code is None) == (is_manager or stands_in or (owns and to_owners))
    own = Hand(is_applicant=True, is_manager=True, owns=True)
    refused = answering_refusal(own, to_owners=True, application_state="approving", campaign_archived=False)
    assert refused == "conflict_of_interest"


def test_a_cancelled_entry_says_no_place():
    file = entry(
        interview_id=uuid4(),
        title="春季，招募",
        starts_at=NOON,
        ends_at=NOON + timedelta(hours=1),
        place="https://meet.example.com/1",
        sequence=2,
        cancelled=True,
        written_at=NOON,
        locale="zh-CN",
    ).decode()
    assert "STATUS:CANCELLED" in file
    assert "SUMMARY:面谈：春季，招募" in file
    assert "LOCATION" not in file
