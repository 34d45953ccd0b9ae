"""Who may register for an activity."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from chassis.workplaces import Workplace
from services.events.activities.eligibility_rules import CONDITIONS, unmet

THEN = datetime(2024, 5, 1, tzinfo=UTC)
COHORT = UUID(int=7)
names = st.sampled_from(["A", "B", "C"])
some = st.lists(names, max_size=3)
members = st.builds(
    Workplace,
    community_id=st.just(UUID(int=1)),
    departments=st.frozensets(names),
    job_grade=names | st.none(),
    site=names | st.none(),
    kind=st.sampled_from(["employee", "external", None]),
    roles=st.frozensets(names),
    cohort_id=st.sampled_from([COHORT, None]),
    joined_at=st.sampled_from([THEN, THEN + timedelta(seconds=1)]),
)
conditions = st.fixed_dictionaries(
    {},
    optional={
        "departments": some,
        "job_grades": some,
        "sites": some,
        "roles": some,
        "cohort_ids": st.lists(st.just(str(COHORT)), max_size=1),
        "joined_before": st.just("2024-05-01T00:00:01Z"),
        "kinds": st.lists(st.sampled_from(["employee", "external"]), max_size=2),
    },
)


@given(conditions, members)
def test_every_condition_counts_by_itself(asked, member):
    alone = [name for name in CONDITIONS if name in asked and unmet({name: asked[name]}, member)]
    assert unmet(asked, member) == alone


@given(conditions)
def test_of_whom_nothing_is_known_meets_nothing_that_is_asked(asked):
    assert unmet(asked, None) == [name for name in CONDITIONS if asked.get(name)]


@given(members)
def test_who_is_asked_nothing_may_come(member):
    assert unmet(None, member) == unmet({}, member) == unmet({name: [] for name in CONDITIONS[:5]}, member) == []


@given(conditions, members, names)
def test_one_more_value_refuses_nobody(asked, member, value):
    more = {name: [*values, value] if isinstance(values, list) and values else values for name, values in asked.items()}
    assert set(unmet(more, member)) <= set(unmet(asked, member))


def test_grades_and_sites_are_compared_as_people_read_them():
    member = Workplace(UUID(int=1), frozenset(), "Ｐ7", " 杭州", "employee", frozenset(), None, THEN)
    assert unmet({"job_grades": ["p7"], "sites": ["杭州"]}, member) == []
    assert unmet({"joined_before": "2024-05-01T08:00:00+08:00"}, member) == ["joined_before"]
