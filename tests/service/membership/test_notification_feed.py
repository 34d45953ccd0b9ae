"""The feed of all inboxes that gateways live of: from where one goes on, what one person missed, and what is forgotten."""

from datetime import timedelta

import pytest

from chassis.database.statements import is_postgres
from chassis.ids import new_id
from chassis.testing.harness import Harness
from chassis.timers import Timer
from services.membership.notifications import feed, settling
from services.membership.notifications.sweeping import forget_old_notifications
from tests.service.membership.test_notifications import Inbox, inbox  # noqa: F401 - a fixture


async def swept(harness: Harness) -> None:
    """The hour's sweep."""
    async with harness.runtime.database.transaction() as session:
        now = harness.clock()
        await forget_old_notifications(session, Timer(new_id(), "notifications.sweep", new_id(), now, now))


async def test_a_place_that_is_not_kept_any_more_is_answered_by_where_all_ends_now(inbox: Inbox):  # noqa: F811
    harness = inbox.scene.harness
    runtime = harness.runtime
    assert (await feed.wait(runtime, (0, 0), 0)).reset is False, "nothing has ever changed"
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    first = (await feed.wait(runtime, None, 0)).next
    place = feed.place_of(first)
    assert place is not None
    assert [item.seq for item in (await feed.wait(runtime, (0, 0), 0)).items] == [first], "it was the first"
    for other in ((place[0] + 1, place[1]), (place[0], place[1] + 7)):
        found = await feed.wait(runtime, other, 0)
        assert (found.items, found.next, found.reset) == ([], first, True)
    harness.clock.advance(timedelta(days=2))
    await swept(harness)
    assert (await feed.wait(runtime, place, 0)).reset is False, "the last one is kept"
    await inbox.hear(inbox.reply("丙"))
    assert (await feed.wait(runtime, place, 0)).reset, "others may have been forgotten"
    last = (await feed.wait(runtime, None, 0)).next
    await swept(harness)
    assert (await feed.wait(runtime, (0, 0), 0)).next == last
    assert (await feed.wait(runtime, feed.place_of(last), 0)).reset is False


async def test_what_one_person_missed_is_theirs_alone_and_bounded(inbox: Inbox, monkeypatch: pytest.MonkeyPatch):  # noqa: F811
    runtime = inbox.scene.harness.runtime
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    place = feed.place_of((await feed.wait(runtime, None, 0)).next)
    assert place is not None
    for name in ("丙", "丁", "乙"):
        await inbox.hear(inbox.reply(name))
    person, other = inbox.scene.people["甲"], inbox.scene.people["乙"]
    found = await feed.missed(runtime, place, person)
    assert [(item.person_id, item.kind) for item in found.items] == [(person, "told")] * 3
    assert (await feed.missed(runtime, place, other)).items == []
    monkeypatch.setattr(feed, "MOST_MISSED", 2)
    many = await feed.missed(runtime, place, person)
    assert (many.items, many.reset, many.next) == ([], True, found.next)


async def test_whoever_begins_to_follow_misses_nothing_that_is_still_being_written(inbox: Inbox):  # noqa: F811
    """On PostgreSQL a transaction that began earlier may end later: its changes stand before those that are there already."""
    harness = inbox.scene.harness
    person, other = inbox.scene.people["甲"], inbox.scene.people["乙"]
    async with harness.runtime.database.transaction() as slow:
        if not is_postgres(slow):
            return  # one writes at a time
        await settling.changed(slow, {person: None}, "read", harness.clock())
        async with harness.runtime.database.transaction() as quick:
            await settling.changed(quick, {other: None}, "read", harness.clock())
        start = await feed.wait(harness.runtime, None, 0)
    found = await feed.wait(harness.runtime, feed.place_of(start.next), 0)
    assert {item.person_id for item in found.items} == {person, other}
