"""What features add is put together by their service, and each handler has one place."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.feature import Feature
from chassis.messaging.envelope import Received
from chassis.messaging.handlers import Handlers
from chassis.service import Service
from tests.support.messaging import Base, ThingCounted, tables


def taking(name: str) -> Handlers:
    async def take(_messages: Sequence[Received[Any]], _session: AsyncSession) -> None:
        """Nothing."""

    take.__name__ = name
    handlers = Handlers()
    handlers.on(ThingCounted)(take)
    return handlers


def a_service(*features: Feature) -> Service:
    def nobody(_runtime: Any) -> Any:
        raise NotImplementedError

    return Service(name="ledger", base=Base, tables=tables, migrations="none", features=features, authority=nobody)


def test_each_group_is_a_consumer_of_what_all_features_add_to_it():
    service = a_service(
        Feature(name="one", handlers=[taking("keep")], groups={"inbox": [taking("tell")]}),
        Feature(name="two", groups={"inbox": [taking("tell_too")], "hooks": [taking("call")]}),
    )
    assert {name: [one.name for one in handlers] for name, handlers in service.consumers.items()} == {
        "ledger": ["keep"],
        "ledger.inbox": ["tell", "tell_too"],
        "ledger.hooks": ["call"],
    }


def test_two_groups_have_no_handler_of_the_same_name():
    with pytest.raises(ValueError, match="two handlers have the same name: keep"):
        a_service(Feature(name="one", handlers=[taking("keep")], groups={"inbox": [taking("keep")]}))
