"""What many were told, withdrawn and put back: whenever that comes, in the end it is there for all or for nobody."""

from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from contracts.content import DiscussionRemoved, DiscussionRestored
from services.membership.notifications import rounds, settling
from tests.service.membership.test_notification_mail import MINUTE, Post, post  # noqa: F401 - a fixture
from tests.service.membership.test_notifications import Inbox, inbox  # noqa: F401 - a fixture

OTHERS = "乙丙丁"


@pytest.fixture(autouse=True)
def _two_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for where in (rounds, settling):
        monkeypatch.setattr(where, "CHUNK", 2)


def removed(inbox: Inbox) -> Any:  # noqa: F811
    return inbox.removal(DiscussionRemoved, "discussion", inbox.discussion_id)


def restored(inbox: Inbox) -> Any:  # noqa: F811
    return inbox.removal(DiscussionRestored, "discussion", inbox.discussion_id)


async def told(inbox: Inbox) -> list[int]:  # noqa: F811
    return [len(await inbox.lines(name)) for name in OTHERS]


async def test_whenever_it_is_removed_and_restored_all_are_told_in_the_end(inbox):  # noqa: F811
    """After each message the clockwork has got so far; what is left of it comes at the end."""
    timers, runtime = inbox.scene.harness.runtime.service.timers, inbox.scene.harness.runtime
    for steps in product((0, 1, 2), repeat=2):
        inbox.discussion_id = type(inbox.discussion_id)(int=inbox.discussion_id.int + 1)
        heard = [inbox.started("甲", kind="announcement"), removed(inbox), restored(inbox)]
        for version, (event, turns) in enumerate(zip(heard, (*steps, 0), strict=True), 1):
            await inbox.hear(event, version=version)
            for _ in range(turns):
                await timers.run_due(runtime, limit=1)
        await inbox.scene.harness.run_timers()
        assert await told(inbox) == [1, 1, 1], steps
        await inbox.hear(removed(inbox), version=4)
        await inbox.scene.harness.run_timers()
        assert await told(inbox) == [0, 0, 0], steps


async def test_what_is_there_again_is_mailed_if_it_was_not_before(post: Post):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    await inbox.hear(inbox.started("甲", kind="announcement"))
    await post.harness.run_timers()
    await inbox.hear(removed(inbox), version=2)
    await post.harness.run_timers()
    assert await post.wait(11 * MINUTE) == []
    await inbox.hear(restored(inbox), version=3)
    await post.harness.run_timers()
    assert await post.wait(9 * MINUTE) == []
    everybody = ["m1@example.com", "m2@example.com", "m3@example.com"]
    assert await post.wait(timedelta(minutes=2)) == everybody
    await inbox.hear(removed(inbox), version=4)
    await inbox.hear(restored(inbox), version=5)
    await post.harness.run_timers()
    assert await post.wait(20 * MINUTE) == [], "once is enough"


async def test_who_was_to_be_told_when_it_was_removed_is_mailed_when_it_is_restored(post: Post):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    await inbox.hear(inbox.started("甲", kind="announcement"))
    await inbox.hear(removed(inbox), version=2)
    await post.harness.run_timers()
    assert await post.wait(11 * MINUTE) == []
    await inbox.hear(restored(inbox), version=3)
    await post.harness.run_timers()
    assert await post.wait(11 * MINUTE) == ["m1@example.com", "m2@example.com", "m3@example.com"]
