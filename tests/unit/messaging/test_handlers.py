"""Which handler gets which message."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from contracts.base import IntegrationEvent, event_types
from contracts.corporate import HrPersonLeft
from tests.support.messaging import ThingCounted, ThingSpoiled


class ThingWeighed(IntegrationEvent, type="testing.thing.weighed", subject="thing_id"):
    thing_id: UUID


class ThingWeighedAnew(IntegrationEvent, type="testing.thing.weighed", version=2, subject="thing_id"):
    thing_id: UUID
    grams: int


async def one(messages: Sequence[Received[ThingCounted]], session: AsyncSession) -> None: ...


async def two(messages: Sequence[Received[ThingCounted]], session: AsyncSession) -> None: ...


def test_handlers_of_a_type_come_in_the_order_of_registration():
    handlers = Handlers()
    handlers.on(ThingCounted)(two)
    handlers.on(ThingCounted, ThingSpoiled)(one)
    assert [handler.name for handler in handlers.routes[ThingCounted.TYPE].handlers] == ["two", "one"]
    assert [handler.name for handler in handlers.routes[ThingSpoiled.TYPE].handlers] == ["one"]
    assert handlers.topics() == ["qunxue.testing"]


def test_two_handlers_of_one_name_are_refused():
    handlers = Handlers()
    handlers.on(ThingCounted)(one)
    with pytest.raises(ValueError, match="one"):
        handlers.on(ThingSpoiled)(one)


def test_of_two_versions_with_handlers_only_the_newer_is_read():
    handlers = Handlers()
    handlers.on(ThingWeighed)(one)
    assert set(handlers.routes) == {ThingWeighed.TYPE}
    handlers.on(ThingWeighedAnew)(two)
    assert set(handlers.routes) == {ThingWeighedAnew.TYPE}


def test_an_included_registry_keeps_its_types():
    inner, outer = Handlers(), Handlers()
    inner.on(ThingCounted, ThingSpoiled)(one)
    outer.on(ThingCounted)(two)
    outer.include(inner)
    assert [handler.name for handler in outer.routes[ThingCounted.TYPE].handlers] == ["two", "one"]
    assert ThingSpoiled.TYPE in outer.routes


def test_a_class_says_where_its_messages_travel():
    class ThingHidden(IntegrationEvent, type="testing.thing.hidden", version=3, subject="thing_id", restricted=True):
        thing_id: UUID
        community_id: UUID

    hidden = ThingHidden(thing_id=UUID(int=1), community_id=UUID(int=2))
    assert ThingHidden.TYPE == "qunxue.testing.thing.hidden.v3"
    assert ThingHidden.TOPIC == "qunxue.testing.restricted"
    assert ThingHidden.SOURCE == "/qunxue/testing"
    assert hidden.subject() == hidden.partition_key() == str(UUID(int=1))
    assert hidden.community() == UUID(int=2)
    assert event_types()[ThingHidden.TYPE] is ThingHidden


def test_some_topics_may_be_read_elsewhere():
    handlers = Handlers()

    @handlers.on(ThingCounted, HrPersonLeft)
    async def both(_messages, _session): ...

    assert list(handlers.of(lambda topic: topic == ThingCounted.TOPIC).routes) == [ThingCounted.TYPE]
    assert list(handlers.of(lambda topic: topic == "corporate.hr").routes) == [HrPersonLeft.TYPE]
    assert handlers.of(lambda _topic: False).topics() == []


def test_a_type_is_declared_once():
    with pytest.raises(TypeError, match="declared by"):

        class Again(IntegrationEvent, type="testing.thing.counted", subject="thing_id"):
            thing_id: UUID


def test_a_subject_must_be_a_field():
    with pytest.raises(TypeError, match="must name fields"):

        class Lost(IntegrationEvent, type="testing.thing.lost", subject="id"):
            thing_id: UUID
