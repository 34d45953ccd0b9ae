"""Until when a member has to acknowledge their community's rules."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chassis.acknowledging import WITHIN, due_at

PUBLISHED = datetime(2026, 3, 2, 9, tzinfo=UTC)
ACKNOWLEDGE_BY = PUBLISHED + WITHIN
moments = st.integers(-1000, 1000).map(lambda hours: PUBLISHED + timedelta(hours=hours))
counts = st.integers(0, 4)


@given(version=counts, acknowledged=counts, overdue=counts, since=moments)
def test_who_owes_it_has_14_days_from_the_later_of_publishing_and_joining(version, acknowledged, overdue, since):
    due = due_at(
        version=version, acknowledge_by=ACKNOWLEDGE_BY, acknowledged=acknowledged, overdue=overdue, since=since
    )
    if version == 0 or acknowledged >= version:
        assert due is None
    elif overdue >= version:
        assert due == ACKNOWLEDGE_BY
    else:
        assert due == max(PUBLISHED, since) + timedelta(days=14)


@given(version=st.integers(1, 4), acknowledged=counts, since=moments)
def test_acknowledging_more_never_owes_more(version, acknowledged, since):
    def owes(number):
        said = {"acknowledge_by": ACKNOWLEDGE_BY, "overdue": 0, "since": since}
        return due_at(version=version, acknowledged=number, **said) is not None

    assert owes(acknowledged) >= owes(acknowledged + 1)


def test_where_there_are_no_rules_nothing_is_owed():
    assert due_at(version=None, acknowledge_by=None, acknowledged=0, overdue=0, since=PUBLISHED) is None
