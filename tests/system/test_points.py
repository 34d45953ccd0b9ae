"""Points are earned, spent on rewards and won in a season: two ways of running."""

from datetime import timedelta
from typing import Any

import pytest

from tests.system.asking_members import let_in
from tests.system.calling_others import a_receiver, walk_an_outage
from tests.system.journey import ACCEPTED, WAITLISTED, Journey, activate, import_people, open_community
from tests.system.measuring import ZONE
from tests.system.redeeming import NETWORKS, a_shop, walk_a_mug, walk_a_shop
from tests.system.stacks import STARTS, WAYS
from tests.system.winning import walk_a_season

INSIDE = {"QUNXUE_WEBHOOK_NETWORKS": NETWORKS}
OPTIONS: dict[str, dict[str, Any]] = {"embedded": INSIDE, "distributed": {"variables": INSIDE}}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", WAYS)
def test_points_buy_a_mug_come_back_once_where_a_shop_refuses_and_are_won_in_a_season(way, tmp_path):
    with a_shop() as shop, STARTS[way](tmp_path / "stack", **OPTIONS[way]) as stack:
        journey = Journey(stack, stack.admin())
        try:
            import_people(journey)
            open_community(journey)
            activate(journey)
            _in_the_morning(journey)
            members = let_in(journey, journey.community_id, [ACCEPTED, WAITLISTED])
            wallet = f"/v1/wallets/{members[ACCEPTED]}"
            walk_a_mug(journey, wallet)
            walk_a_shop(journey, wallet, shop)
            walk_a_season(journey, members)
        finally:
            journey.close()


def _in_the_morning(journey: Journey) -> None:
    """No day of the community ends while they walk."""
    hour = journey.stack.clock.now().astimezone(ZONE).hour
    journey.stack.clock.advance(timedelta(hours=(24 + 9 - hour) % 24))
    journey.log_in_again()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("way", WAYS)
def test_another_system_that_is_away_for_days_has_what_it_missed_once(way, tmp_path):
    with a_receiver() as receiver, STARTS[way](tmp_path / "stack", **OPTIONS[way]) as stack:
        journey = Journey(stack, stack.admin())
        try:
            import_people(journey)
            open_community(journey)
            activate(journey)
            walk_an_outage(journey, receiver)
        finally:
            journey.close()
