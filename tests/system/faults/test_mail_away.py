"""Where mail is silent, then away for a day, then refuses for a while: everything else goes on, and what is kept comes once when it is taken again."""

from collections import Counter
from datetime import timedelta

import pytest

from tests.support.beside import beside
from tests.support.mail_server import MailServer, mail_server
from tests.support.ports import free_port
from tests.support.waiting import eventually_sync
from tests.system.api import Api
from tests.system.asking_members import let_in
from tests.system.calling_others import STARTED, a_receiver
from tests.system.faults.books import count, rows
from tests.system.faults.outside import in_time
from tests.system.journey import ACCEPTED, OWNER, REJECTED, WAITLISTED, Journey, activate, import_people, open_community
from tests.system.stacks import STARTS, WAYS, Stack, set_to
from tests.system.telling import UNREAD_FOR, posted_to

pytestmark = [pytest.mark.fault(1), pytest.mark.slow, pytest.mark.timeout(900)]

MEMBERS = (ACCEPTED, WAITLISTED, REJECTED)
SERVICES = {"services": ["kafka", "gateway", "membership-worker", "content-worker"]}
TITLE = "周五闭馆"


@pytest.mark.parametrize("way", WAYS)
def test_mail_that_is_away_for_a_day_holds_back_nothing_else_and_comes_once_when_it_is_taken_again(way, tmp_path):
    port = free_port()
    settings = posted_to(MailServer(port=port)) | {"QUNXUE_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    options = set_to(way, settings) | (SERVICES if way == "distributed" else {})
    with a_receiver() as receiver, STARTS[way](tmp_path / "stack", **options) as stack:
        journey = Journey(stack, stack.admin())
        try:
            import_people(journey)
            open_community(journey)
            activate(journey)
            let_in(journey, journey.community_id, list(MEMBERS))
            hook = {"community_id": journey.community_id, "url": receiver.url, "types": [STARTED]}
            journey[OWNER].post("/v1/webhooks", hook, expect=201)
            with beside(mail_server(port=port)) as silent:
                silent.held = True
                _announce(journey)
                told = "SELECT count(*) FROM notifications WHERE template = 'announcement'"
                eventually_sync(
                    lambda: count(stack, "membership", told) == len(MEMBERS), interval=0.2, what="all are told"
                )
                stack.clock.advance(UNREAD_FOR)
                eventually_sync(lambda: silent.arrived, what="a mail that nobody answers")
                journey.log_in_again()
                _announce(journey)
                eventually_sync(lambda: len(receiver.taken) == 2, what="a webhook meanwhile")
            with Api(stack.url) as anyone:
                anyone.post("/v1/password-resets", {"login": MEMBERS[0]}, expect=202)
            asked = "SELECT count(*) FROM deliveries WHERE kind = 'code'"
            eventually_sync(lambda: count(stack, "membership", asked) == 1, what="a code of today waits")
        finally:
            journey.close()
        _a_day_goes_by(stack)
        with beside(mail_server(port=port)) as server:
            server.answer_to_data = lambda: "451 4.3.0 try again later"
            refused = server.connections
            in_time(stack, lambda: server.connections > refused + 1, "it is tried again")
            assert server.arrived == []
            server.answer_to_data = lambda: None
            in_time(stack, lambda: _of_announcements(server).total() >= 2 * len(MEMBERS), "all mail")
            assert set(_of_announcements(server).values()) == {1}
            said = [str(mail["Subject"]) for mail in server.arrived]
        codes = rows(stack, "membership", "SELECT state, sealed FROM deliveries WHERE kind = 'code'")
        assert codes == [("lapsed", None)], "nobody waits for a code of yesterday"
        assert not [one for one in said if "密码" in one]


def _announce(journey: Journey) -> None:
    body = {"community_id": journey.community_id, "kind": "announcement", "title": TITLE, "body": "请确认。"}
    journey[OWNER].post("/v1/discussions", body | {"announcement": {"confirm": "acknowledge"}}, expect=201)


def _a_day_goes_by(stack: Stack) -> None:
    tried = "SELECT max(attempts) FROM deliveries WHERE channel = 'mail'"
    [(before,)] = rows(stack, "membership", tried)
    stack.clock.advance(timedelta(days=1))
    eventually_sync(lambda: rows(stack, "membership", tried)[0][0] > before, what="it is tried in vain")


def _of_announcements(server: MailServer) -> Counter[str]:
    """How often each mail about an announcement was taken."""
    return Counter(str(mail["Message-ID"]) for mail in list(server.arrived) if TITLE in str(mail["Subject"]))
