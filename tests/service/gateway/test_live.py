"""The live stream as its readers see it: what they are told, in which order, and how it ends."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.security.caller import Caller
from tests.service.gateway.changes import Changes, ids, reading
from tests.service.gateway.conftest import Begin, Scene
from tests.support.standins import bearer, person, service
from tests.support.streaming import Reader
from tests.support.waiting import eventually

pytestmark = pytest.mark.usefixtures("beats_often")


@pytest.fixture
async def changes(scene: Scene) -> Changes:
    return Changes(scene)


async def test_a_reader_is_told_what_changes_in_their_inbox_and_nothing_of_anybody_else(scene: Scene, changes: Changes):
    one, other = person(), person()
    theirs, others = await reading(scene, one), await reading(scene, other)
    await theirs.until("ready")
    await others.until("ready")
    seq = changes.told(one, unread=3)
    await theirs.until("notification")
    changes.told(other)
    await others.until("notification")
    [event] = theirs.named("notification")
    assert event.id == seq
    assert event.data == {name: changes.items[0][name] for name in ("kind", "notification_id", "unread", "at")}
    assert ids(others) == ["0.2"]
    assert theirs.answered["content-type"] == "text/event-stream; charset=utf-8"
    assert theirs.answered["cache-control"] == "no-store, no-transform"
    for reader in (theirs, others):
        await reader.leave()


async def test_one_reader_of_the_feed_serves_all_streams_from_the_first_to_the_last(scene: Scene, changes: Changes):
    streams = scene.gateway.runtime.streams
    caller = person()
    assert not streams.feed.running
    readers = [await reading(scene, caller) for _ in range(3)]
    for reader in readers:
        await reader.until("ready")
    assert [query for query in changes.asked if "after" not in query] == [{}]
    changes.told(caller)
    for reader in readers:
        await reader.until("notification")
        await reader.leave()
    assert streams.count == 0
    await eventually(lambda: not streams.feed.running, what="nobody reads the feed any more")


@pytest.mark.parametrize("by_header", [True, False])
async def test_whoever_comes_back_gets_what_they_missed_once_and_in_order(
    scene: Scene, changes: Changes, by_header: bool
):
    caller = person()
    first = await reading(scene, caller)
    await first.until("ready")
    had = changes.told(caller)
    await first.until("notification")
    await first.leave()
    missed = [changes.told(caller) for _ in range(5)]
    changes.told(person())
    back = await (
        reading(scene, caller, f"after={changes.items[0]['seq']}", **{"Last-Event-ID": had})
        if by_header
        else reading(scene, caller, f"after={had}")
    )
    later = [changes.told(caller) for _ in range(3)]
    await back.until("notification", 8)
    assert ids(back) == missed + later
    assert back.events[0].name == "ready"
    assert back.events[0].data == {"resumed": True}
    await back.leave()


async def test_of_two_places_the_one_that_the_browser_sends_holds(scene: Scene, changes: Changes):
    caller = person()
    [old, newer, last] = [changes.told(caller) for _ in range(3)]
    back = await reading(scene, caller, f"after={old}", **{"Last-Event-ID": newer})
    await back.until("notification")
    assert ids(back) == [last]
    await back.leave()


async def test_nothing_is_lost_or_told_twice_while_more_is_written_all_the_time(scene: Scene, changes: Changes):
    caller = person()
    start = changes.told(caller)
    writing = True

    async def write() -> None:
        while writing:
            changes.told(caller)
            changes.told(person())
            await asyncio.sleep(0.001)

    task = asyncio.create_task(write())
    found: list[str | None] = []
    after: str | None = start
    for _ in range(12):
        reader = await reading(scene, caller, f"after={after}")
        await reader.until("notification", 4)
        await reader.leave()
        found += ids(reader)
        after = found[-1]
    writing = False
    await task
    theirs = [item["seq"] for item in changes.items if item["person_id"] == str(caller.id)]
    assert found == theirs[1 : len(found) + 1]


async def test_what_comes_while_it_is_found_out_what_was_missed_is_told_behind_it_once(
    scene: Scene, changes: Changes, monkeypatch: pytest.MonkeyPatch
):
    caller = person()
    feed = scene.gateway.runtime.streams.feed
    other = await reading(scene, person())
    await other.until("ready")
    look = feed.missed
    start = changes.told(caller)

    async def slowly(person_id: UUID, place: Any) -> Any:
        changes.told(caller)
        await eventually(lambda: feed.place == (0, 2), what="it came by the feed")
        found = await look(person_id, place)
        changes.told(caller)
        await eventually(lambda: feed.place == (0, 3), what="another came by the feed alone")
        return found

    monkeypatch.setattr(feed, "missed", slowly)
    reader = await reading(scene, caller, f"after={start}")
    await reader.until("notification", 2)
    last = changes.told(caller)
    await reader.until("notification", 3)
    assert ids(reader) == ["0.2", "0.3", last]
    await reader.leave()
    await other.leave()


async def test_a_place_that_is_too_old_is_answered_by_an_event_that_says_to_read_anew(scene: Scene, changes: Changes):
    caller = person()
    for _ in range(5):
        changes.told(caller)
    changes.forgotten = 3
    reader = await reading(scene, caller, "after=0.2")
    [reset] = await reader.until("reset")
    assert (reset.id, reader.named("ready")) == ("0.5", [])
    seq = changes.told(caller)
    await reader.until("notification")
    assert ids(reader) == [seq]
    await reader.leave()


@pytest.mark.parametrize(
    "after",
    ["1", "1.", ".1", "-1.2", "1.2.3", "1.2 ", "1.٣", "9" * 19 + ".1", "1e3.1", "' OR 1=1", "1.2%0aevent: x"],
)
async def test_what_is_no_place_is_refused(scene: Scene, changes: Changes, after: str):
    reader = await Reader(scene.gateway, f"after={after.replace(' ', '+')}", bearer(person())).open(status=400)
    assert '"code":"cursor_invalid"' in reader.text.replace(" ", "") or '"code":"bad_request"' in reader.text
    assert scene.gateway.runtime.streams.count == 0


async def test_a_sixth_stream_of_a_person_is_refused_until_one_is_closed(scene: Scene, changes: Changes):
    caller = person()
    open_ones = [await reading(scene, caller) for _ in range(5)]
    sixth = await Reader(scene.gateway, headers=bearer(caller)).open(status=429)
    assert '"too_many_streams"' in sixth.text
    assert int(sixth.answered["retry-after"]) > 0
    other = await reading(scene, person())
    await open_ones.pop(0).leave()
    open_ones += [await reading(scene, caller), other]
    for reader in open_ones:
        assert not reader.over
        await reader.leave()


@pytest.mark.parametrize("caller", [service("stream.open", "internal"), None], ids=["a service account", "nobody"])
async def test_only_people_have_an_inbox_to_read(scene: Scene, changes: Changes, caller: Caller | None):
    headers = bearer(caller) if caller else {}
    reader = await Reader(scene.gateway, headers=headers).open(status=403 if caller else 401)
    assert reader.over
    assert scene.gateway.runtime.streams.count == 0


async def test_a_guest_is_refused(scene: Scene, changes: Changes):
    guest = Caller(kind="guest", id=new_id(), session_id=new_id(), activity_id=new_id())
    await Reader(scene.gateway, headers=bearer(guest)).open(status=403)


async def test_a_stream_takes_no_place_and_no_deadline_of_other_requests(begin: Begin, monkeypatch: pytest.MonkeyPatch):
    scene = begin(deadline_seconds=0.3)
    changes = Changes(scene)
    caller = person()
    reader = await reading(scene, caller)
    assert scene.gateway.runtime.guards["gateway"].in_flight == 0
    await asyncio.sleep(0.4)
    changes.told(caller)
    await reader.until("notification")
    assert not reader.over
    await reader.leave()


def revoking(kind: str) -> Callable[[Caller], tuple[str, UUID]]:
    return lambda caller: (kind, caller.id if kind == "person" else caller.session_id)


@pytest.mark.parametrize("which", [revoking("person"), revoking("session")], ids=["person", "session"])
async def test_a_revocation_ends_the_streams_that_it_means_and_no_other(scene: Scene, changes: Changes, which: Any):
    caller, other = person(), person()
    theirs, others = await reading(scene, caller), await reading(scene, other)
    scene.membership.revoke(*which(caller))
    await scene.gateway.runtime.revocations.refresh()
    await theirs.ended()
    [end] = theirs.named("end")
    assert end.data == {"reason": "session_ended"}
    assert theirs.over
    await scene.gateway.runtime.revocations.refresh()
    assert not others.over
    await others.leave()


async def test_a_heartbeat_comes_though_nothing_happens(scene: Scene, changes: Changes):
    reader = await reading(scene, person())
    await eventually(lambda: reader.text.count("\n:\n\n") + reader.text.count("\n\n:\n\n") >= 2, what="two beats")
    await reader.leave()


async def test_a_slow_reader_is_dropped_when_64_kib_wait_and_holds_no_more(scene: Scene, changes: Changes):
    slow, quick = person(), person()
    reader, other = await reading(scene, slow), await reading(scene, quick)
    await reader.until("ready")
    await other.until("ready")
    reader.takes.clear()
    streams = scene.gateway.runtime.streams
    [stream] = streams._of[slow.id]
    most = 0
    while streams.count == 2:
        changes.told(slow)
        await asyncio.sleep(0)
        most = max(most, stream.waiting)
        if len(changes.items) % 50 == 0:
            await asyncio.sleep(0.005)
        assert len(changes.items) < 5000
    assert most < 64 * 1024 + 1024
    assert stream.waiting == 0
    changes.told(quick)
    await other.until("notification")
    await other.leave()
    await reader.leave()


async def test_a_reader_who_takes_nothing_for_half_a_minute_is_dropped(
    scene: Scene, changes: Changes, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("gateway.live.stream.STUCK_SECONDS", 0.1)
    reader = await reading(scene, person())
    await reader.until("ready")
    reader.takes.clear()
    await reader.ended()
    assert scene.gateway.runtime.streams.count == 0


async def test_while_membership_is_away_streams_stay_open_and_catch_up_after(scene: Scene, changes: Changes):
    caller = person()
    reader = await reading(scene, caller)
    await reader.until("ready")
    changes.away = True
    count = len(changes.asked)
    await eventually(lambda: len(changes.asked) >= count + 2, what="asked in vain")
    missed = [changes.told(caller) for _ in range(3)]
    late = await reading(scene, caller, "after=0.1")
    changes.away = False
    await reader.until("notification", 3)
    await late.until("notification", 2)
    assert (ids(reader), ids(late)) == (missed, missed[1:])
    for one in (reader, late):
        await one.leave()


async def test_a_feed_that_no_longer_knows_where_it_was_has_all_read_anew(scene: Scene, changes: Changes):
    caller = person()
    changes.told(caller)
    reader = await reading(scene, caller)
    await reader.until("ready")
    # As after a restore: the numbers begin again.
    changes.items.clear()
    [reset] = await reader.until("reset")
    assert reset.id == "0.0"
    seq = changes.told(caller)
    await reader.until("notification")
    assert ids(reader) == [seq]
    await reader.leave()


async def test_when_the_gateway_stops_readers_are_told_to_come_back_elsewhere(scene: Scene, changes: Changes):
    readers = [await reading(scene, person()) for _ in range(3)]
    scene.gateway.runtime.streams.stop()
    for reader in readers:
        await reader.ended()
        assert reader.over
        [end] = reader.named("end")
        assert end.data == {"reason": "shutting_down"}
        assert "retry: " in reader.text.rpartition("event: end")[0].rpartition("\n\n")[2]
    refused = await Reader(scene.gateway, headers=bearer(person())).open(status=503)
    assert '"streams_full"' in refused.text
    assert int(refused.answered["retry-after"]) >= 5


async def test_head_opens_nothing(scene: Scene, changes: Changes):
    reader = await Reader(scene.gateway, method="HEAD", headers=bearer(person())).open()
    await reader.ended()
    assert (reader.text, scene.gateway.runtime.streams.count) == ("", 0)
