"""What members are told, and how it reaches them: two ways of running."""

import pytest

from tests.support.beside import beside
from tests.support.mail_server import mail_server
from tests.system.asking_members import let_in
from tests.system.journey import ACCEPTED, WAITLISTED, Journey, activate, import_people, open_community
from tests.system.stacks import STARTS, WAYS, set_to
from tests.system.telling import posted_to, walk_a_reminder, walk_a_reply, walk_an_offer


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", WAYS)
def test_what_happens_is_told_live_and_by_mail_where_it_is_unread_and_not_where_it_is_gone_or_confirmed(way, tmp_path):
    with (
        beside(mail_server()) as server,
        STARTS[way](tmp_path / "stack", **set_to(way, posted_to(server))) as stack,
    ):
        journey = Journey(stack, stack.admin())
        try:
            import_people(journey)
            open_community(journey)
            activate(journey)
            let_in(journey, journey.community_id, [ACCEPTED, WAITLISTED])
            walk_a_reply(journey, server)
            walk_a_reminder(journey, server)
            walk_an_offer(journey, server)
        finally:
            journey.close()
