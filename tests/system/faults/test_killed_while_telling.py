"""Fault 1 where people are told: the worker is killed each time when a mail, a message and a webhook are under way and nobody knows what of it arrived."""

from collections import Counter

import pytest

from tests.support.messengers import USER
from tests.support.scale import scaled
from tests.support.waiting import eventually_sync
from tests.system.asking_members import let_in
from tests.system.calling_others import STARTED
from tests.system.faults.books import count, rows
from tests.system.faults.outside import Outside, in_time, outside
from tests.system.journey import ACCEPTED, OWNER, REJECTED, WAITLISTED, Journey, activate, import_people, open_community
from tests.system.stacks import STARTS, WAYS, Stack, set_to
from tests.system.telling import UNREAD_FOR

pytestmark = [pytest.mark.fault(1), pytest.mark.slow, pytest.mark.timeout(900)]

KILLS = scaled(6, reduced=3)
MEMBERS = (ACCEPTED, WAITLISTED, REJECTED)
SERVICES = {"services": ["kafka", "gateway", "membership-worker", "content-worker"]}


@pytest.mark.parametrize("way", WAYS)
def test_what_was_under_way_when_a_worker_was_killed_comes_once_more_by_the_same_id_and_nothing_is_lost(way, tmp_path):
    with outside() as others:
        options = set_to(way, others.settings()) | (SERVICES if way == "distributed" else {})
        with STARTS[way](tmp_path / "stack", **options) as stack:
            journey = Journey(stack, stack.admin())
            try:
                _begin(journey, others)
                others.hold(held=True)
                for number in range(KILLS):
                    _tell(journey, others, number)
                    # Who starts after the last kill is answered from the beginning.
                    _kill(stack, others if number == KILLS - 1 else None)
            finally:
                journey.close()
            _all_comes(stack, others)
            _everything_once(stack, others)


def _begin(journey: Journey, others: Outside) -> None:
    import_people(journey)
    open_community(journey)
    activate(journey)
    let_in(journey, journey.community_id, list(MEMBERS))
    account = {"person_id": journey.people[ACCEPTED], "provider": "feishu", "kind": "user_id", "subject": USER}
    journey.admin.post("/v1/identities", account | {"reason": "迁移账号"}, expect=201)
    hook = {"community_id": journey.community_id, "url": others.endpoint.url, "types": [STARTED]}
    journey[OWNER].post("/v1/webhooks", hook, expect=201)


def _tell(journey: Journey, others: Outside, number: int) -> None:
    """Tell all of something more, until each way has something in its hands."""
    before = {way: len(came) for way, came in others.came().items()}
    body = {"community_id": journey.community_id, "kind": "announcement", "title": f"公告 {number}", "body": "请知悉。"}
    asked = {"announcement": {"confirm": "acknowledge"}}
    journey[OWNER].post("/v1/discussions", body | asked, expect=201)
    told = "SELECT count(*) FROM notifications WHERE template = 'announcement'"

    def under_way(*ways: str) -> bool:
        came = others.came()
        return all(len(came[way]) > before[way] for way in ways)

    eventually_sync(lambda: under_way("webhook", "feishu"), what="a webhook and a message are under way")
    everybody = (number + 1) * len(MEMBERS)
    eventually_sync(lambda: count(journey.stack, "membership", told) == everybody, interval=0.2, what="all are told")
    journey.stack.clock.advance(UNREAD_FOR)
    journey.log_in_again()
    eventually_sync(lambda: under_way("mail"), what="a mail is under way")


def _kill(stack: Stack, released: Outside | None) -> None:
    worker = stack.compose.process("membership-worker") if stack.compose is not None else stack.product
    assert worker is not None
    worker.kill()
    if released is not None:
        released.hold(held=False)
    worker.start()
    if stack.compose is None:
        worker.ready_sync(f"{stack.url}/readyz")


def _all_comes(stack: Stack, others: Outside) -> None:
    wanted = {"mail": KILLS * len(MEMBERS), "feishu": KILLS, "webhook": KILLS}

    def all_there() -> bool:
        taken = {way: sum(not one.held for one in came) for way, came in others.came().items()}
        assert taken == wanted
        return True

    # What the dead had in their hands is nobody else's for a while, and an endpoint that was silent rests.
    in_time(stack, all_there, "everything comes")


def _everything_once(stack: Stack, others: Outside) -> None:
    for way, came in others.came().items():
        taken = Counter(one.id for one in came if not one.held)
        unanswered = Counter(one.id for one in came if one.held)
        assert set(taken.values()) == {1}, f"{way}: nobody sends again what was answered"
        assert unanswered.keys() <= taken.keys(), f"{way}: what was not answered comes again by its id"
        assert unanswered.total() >= KILLS
    subjects = Counter(
        (to, str(mail["Subject"]))
        for (to,), mail, held in zip(others.mail.to, others.mail.arrived, others.mail.held_back, strict=True)
        if not held
    )
    assert len(subjects) == KILLS * len(MEMBERS)
    lines = "SELECT person_id, thread FROM notifications WHERE template = 'announcement'"
    found = Counter(rows(stack, "membership", lines))
    assert (len(found), set(found.values())) == (KILLS * len(MEMBERS), {1}), "one line of each for everybody"
