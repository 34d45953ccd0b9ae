"""How the star of a month stands on each day, and who came first."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chassis.days import month_of
from services.gamification.stars.rules import first_of, phase_of, quarter_of, votes_from, votes_until

MEMBERS = st.integers(1, 6).map(lambda number: UUID(int=number))
MONTHS = st.dates(date(2000, 1, 1), date(2100, 12, 31)).map(month_of)


@given(month=MONTHS, after=st.integers(-40, 80), ballots=st.integers(0, 9))
def test_one_phase_follows_the_other_and_the_days_of_voting_are_seven(month, after, ballots):
    opens, closes = votes_from(month), votes_until(month)
    assert (opens.day, closes.day, month_of(opens - timedelta(days=1))) == (1, 7, month)
    today = month + timedelta(days=after)
    phase = phase_of(
        today=today, votes_from=opens, votes_until=closes, settled=False, ballots=ballots, decided=False, won=False
    )
    if today < opens:
        assert phase == "naming"
    elif (today.year, today.month) == (opens.year, opens.month) and today.day <= 7:
        assert phase == "voting"
    else:
        assert phase == ("counted" if ballots >= 5 else "none")


@given(month=MONTHS)
def test_a_quarter_has_three_months(month):
    quarter = quarter_of(month)
    assert quarter <= month
    assert quarter.month in {1, 4, 7, 10}
    assert (quarter.year, month.month - quarter.month in {0, 1, 2}) == (month.year, True)


@given(votes=st.dictionaries(MEMBERS, st.integers(0, 3)), eligible=st.sets(MEMBERS))
def test_nobody_who_can_be_it_has_more_votes_than_who_came_first(votes, eligible):
    first = first_of(votes, eligible=eligible)
    assert set(first) <= eligible
    others = [votes[one] for one in eligible & set(votes) if one not in first]
    assert all(votes[one] > max(others, default=0) for one in first)
    assert bool(first) == any(votes.get(one) for one in eligible)
