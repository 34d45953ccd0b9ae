"""What happens becomes a fact, and counts once, on the community's day, whatever is told first."""

import asyncio
from datetime import timedelta
from itertools import permutations

import pytest
from sqlmodel import col, select

from chassis.ids import new_id, new_mask
from chassis.testing import SettableClock, received
from contracts import content
from services.analytics.definition import definition
from services.analytics.facts.erasing import erase
from services.analytics.facts.models import Fact, FactObject, MemberStand, PersonPlace
from services.analytics.facts.verbs import Verb
from tests.service.analytics.counting import Counting
from tests.service.stage import NOON, moment

MORNING = moment("2024-05-07T07:30:00+08:00")
"""Of a Tuesday in Shanghai; it is still Monday in UTC."""


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Counting(harness)
        await stage.open()
        yield stage


async def test_a_deed_counts_on_the_communitys_day(stage):
    one = await stage.member()
    await stage.harness.deliver(stage.checkin(one.id, MORNING))
    assert await stage.days(Verb.CHECKED_IN) == [("2024-05-07", one.id, 1, 0.0)]
    assert await stage.places(Verb.CHECKED_IN) == [("D1", False, 1)]


async def test_a_deed_told_twice_counts_once(stage):
    one = await stage.member()
    reply = stage.reply(one.id, MORNING)
    await stage.harness.deliver(reply, times=2)
    await stage.harness.deliver(received(reply.data, occurred_at=MORNING, backfill=True))
    assert await stage.days(Verb.REPLIED) == [("2024-05-07", one.id, 1, 12.0)]


async def test_weeks_months_and_quarters_have_what_their_days_have(stage):
    one = await stage.member()
    checkins = [stage.checkin(one.id, NOON + timedelta(days=days)) for days in (0, 6, 7, 26, 56)]
    read = content.ArticleRead(
        community_id=stage.community_id, article_id=new_id(), member_id=one.id, progress=1.0, finished=True
    )
    await stage.harness.deliver(*checkins, stage.like(one.id, NOON), received(read, occurred_at=NOON))
    assert await stage.periods(one.id) == [
        ("month", "2024-05-01", 4, 3, 2),
        ("month", "2024-06-01", 1, 1, 0),
        ("month", "2024-07-01", 1, 1, 0),
        ("quarter", "2024-04-01", 5, 4, 2),
        ("quarter", "2024-07-01", 1, 1, 0),
        ("week", "2024-05-06", 3, 2, 2),
        ("week", "2024-05-13", 1, 1, 0),
        ("week", "2024-05-27", 1, 1, 0),
        ("week", "2024-07-01", 1, 1, 0),
    ]


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_removed_spam_is_no_post_and_what_is_restored_counts_again_in_any_order(stage, order):
    one = await stage.member()
    reply = stage.reply(one.id, MORNING)
    gone = [
        reply,
        stage.removed(reply, NOON, version=2),
        stage.removed(reply, NOON, version=3, restored=True),
        stage.removed(reply, NOON, version=4),
    ]
    for place in order:
        await stage.harness.deliver(gone[place])
    assert await stage.days(Verb.REPLIED) == await stage.about(Verb.REPLIED) == []
    await stage.harness.deliver(stage.removed(reply, NOON, version=5, restored=True))
    assert await stage.days(Verb.REPLIED) == [("2024-05-07", one.id, 1, 12.0)]
    assert await stage.days(Verb.COMMENTED) == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_an_article_is_shared_by_its_authors_and_removed_for_all_of_them(stage, order):
    first, second = await stage.members(2)
    published = stage.article(first.id, second.id, at=MORNING)
    # Whoever is no longer an author when it is removed.
    told = [
        published,
        stage.removed(published, NOON, author_ids=(first.id,)),
        stage.removed(published, NOON, version=3, restored=True, author_ids=(first.id,)),
    ]
    for place in order:
        await stage.harness.deliver(told[place])
    assert sorted((n, value) for _, _, n, value in await stage.days(Verb.PUBLISHED_ARTICLE)) == [(1, 0.5), (1, 0.5)]
    assert await stage.about(Verb.PUBLISHED_ARTICLE) == [("2024-05-07", published.data.article_id, False, 2, 1.0)]
    await stage.harness.deliver(stage.removed(published, NOON, version=4, author_ids=(first.id,)))
    assert await stage.days(Verb.PUBLISHED_ARTICLE) == []


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_an_attendance_is_what_it_was_last_told_to_be(stage, order):
    one = await stage.member()
    attended = stage.attendance(one.id, MORNING)
    told = [
        attended,
        stage.revoked(attended, MORNING, version=2),
        stage.attendance(one.id, MORNING, version=3, attendance_id=attended.data.attendance_id),
        stage.attendance(one.id, MORNING, version=4, attendance_id=attended.data.attendance_id, role="speaker"),
    ]
    for place in order:
        await stage.harness.deliver(told[place])
    assert await stage.days(Verb.ATTENDED) == []
    assert await stage.days(Verb.SPOKE) == [("2024-05-07", one.id, 1, 60.0)]


async def test_a_reaction_taken_back_and_given_again_counts_when_it_was_given_again(stage):
    one = await stage.member()
    liked = stage.like(one.id, NOON)
    again = stage.like(one.id, MORNING, reaction_id=liked.data.reaction_id, version=3)
    await stage.harness.deliver(liked, stage.unlike(liked, NOON, version=2))
    assert await stage.days(Verb.REACTED) == []
    await stage.harness.deliver(again)
    assert await stage.days(Verb.REACTED) == [("2024-05-07", one.id, 1, 0.0)]


async def test_what_is_earned_and_taken_back_adds_up_and_what_is_spent_is_apart(stage):
    one = await stage.member()
    told = [
        stage.points(one.id, MORNING, 10),
        stage.points(one.id, MORNING, -4, reversed_=True),
        stage.points(one.id, MORNING, -5, kind="redemption"),
        stage.points(one.id, MORNING, -3, kind="penalty"),
    ]
    await stage.harness.deliver(*told)
    assert await stage.days(Verb.EARNED_POINTS) == [("2024-05-07", one.id, 2, 6.0)]
    assert await stage.days(Verb.SPENT_POINTS) == [("2024-05-07", one.id, 1, 5.0)]
    assert await stage.days(Verb.LOST_POINTS) == [("2024-05-07", one.id, 1, 3.0)]


async def test_what_of_a_fine_goes_back_is_not_earned(stage):
    one = await stage.member()
    fine = {"kind": "correction", "because": "points.corrected"}
    told = [
        stage.points(one.id, MORNING, 10),
        stage.points(one.id, MORNING, -30, **fine),
        stage.points(one.id, MORNING, 30, reversed_=True, **fine),
        stage.points(one.id, MORNING, -12, **fine),
    ]
    await stage.harness.deliver(*told)
    assert await stage.days(Verb.EARNED_POINTS) == [("2024-05-07", one.id, 1, 10.0)]
    assert await stage.days(Verb.LOST_POINTS) == [("2024-05-07", one.id, 3, 12.0)]


async def test_whatever_is_counted_at_the_same_moment_counts_once(stage):
    """Many batches at once, some telling the same, while it changes where their member works and whether they run the community."""
    one, two = await stage.members(2)
    stage.harness.clock.now = MORNING - timedelta(hours=1)
    replies = [stage.reply(who.id, MORNING) for who in (one, two) for _ in range(8)]
    again = [received(told.data, occurred_at=MORNING) for told in replies]
    batches = [[replies[n], again[n], replies[-n], again[-n]] for n in range(1, 8)]
    await asyncio.gather(
        *(stage.harness.deliver(*batch) for batch in batches[:4]),
        stage.works(one, department_code="D2"),
        *(stage.harness.deliver(*batch) for batch in batches[4:]),
    )
    await stage.harness.deliver(*replies)
    assert await stage.places(Verb.REPLIED) == [("D1", False, 8), ("D2", False, 8)]


async def test_a_deed_of_somebody_who_is_not_named_is_about_something_and_by_nobody(stage):
    asked = stage.discussion(new_mask(), MORNING)
    await stage.harness.deliver(asked)
    assert await stage.about(Verb.STARTED_DISCUSSION) == [("2024-05-07", asked.data.discussion_id, False, 1, 0.0)]
    assert await stage.days(Verb.STARTED_DISCUSSION) == []


async def test_a_merged_discussion_counts_nowhere_and_its_replies_count_on(stage):
    one = await stage.member()
    asked = stage.discussion(one.id, MORNING)
    into = new_id()
    merged = content.DiscussionMerged(
        community_id=stage.community_id, discussion_id=asked.data.discussion_id, into_id=into
    )
    answer = stage.reply(one.id, MORNING, discussion_id=asked.data.discussion_id)
    await stage.harness.deliver(received(merged, occurred_at=NOON, version=2), answer, asked)
    assert await stage.days(Verb.STARTED_DISCUSSION) == []
    assert len(await stage.days(Verb.REPLIED)) == 1
    told = await stage.rows(select(col(FactObject.title), col(FactObject.voided), col(FactObject.details)))
    assert told == [("怎么读？", True, {"answer_due_at": None, "merged_into": str(into)})]


async def test_a_fact_waits_for_its_member_and_counts_when_they_are_known(stage):
    early, late = new_id(), new_id()
    await stage.harness.deliver(stage.reply(early, MORNING), stage.reply(late, MORNING))
    assert await stage.waiting() == 2
    assert await stage.days(Verb.REPLIED) == []
    await stage.member(member_id=early)
    assert await stage.waiting() == 1
    assert await stage.days(Verb.REPLIED) == [("2024-05-07", early, 1, 12.0)]
    assert await stage.places(Verb.REPLIED) == [("D1", False, 1)]


async def test_whoever_is_erased_stands_nowhere_and_what_they_did_stays_counted(stage):
    one = await stage.member()
    await stage.harness.deliver(stage.reply(one.id, MORNING))
    async with stage.harness.runtime.database.transaction() as session:
        await erase(session, one.person_id, NOON)
        await erase(session, one.person_id, NOON)
    people = {row[0] for row in await stage.rows(select(col(MemberStand.person_id)))}
    people |= {row[0] for row in await stage.rows(select(col(PersonPlace.person_id)))}
    assert len(people) == 1
    assert one.person_id not in people
    await stage.harness.deliver(stage.reply(one.id, MORNING), stage.checkin(one.id, MORNING))
    assert await stage.places(Verb.REPLIED) == [("D1", False, 2)]


async def test_what_is_only_known_to_be_removed_neither_counts_nor_waits(stage):
    one = await stage.member()
    await stage.harness.deliver(stage.removed(stage.reply(one.id, MORNING), NOON))
    assert await stage.waiting() == 0
    assert set(await stage.rows(select(col(Fact.voided), col(Fact.at)).where(col(Fact.verb) != Verb.JOINED))) == {
        (True, None)
    }
