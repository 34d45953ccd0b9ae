"""Who writes and who reads which topic."""

import importlib

import pytest

from chassis.service import Service
from chassis.settings import SERVICES
from qunxue.contract_documents import all_types, published_types

by_service = pytest.mark.parametrize("name", SERVICES)


def definition_of(name: str) -> Service:
    definition: Service = importlib.import_module(f"services.{name}.definition").definition
    return definition


@by_service
def test_a_service_writes_exactly_the_topics_of_its_types(name: str):
    # Of a topic that is not listed nobody makes sure that it exists, and a message for it would stop the ordered relay.
    source = f"/qunxue/{name}"
    topics = {event_class.TOPIC for event_class in published_types() if source == event_class.SOURCE}
    # Each has a restricted one, so that no reader's rights have to change when it begins to tell something that is not for all.
    topics.add(f"qunxue.{name}.restricted")
    assert set(definition_of(name).publishes) == topics


@by_service
def test_a_service_never_reads_its_own_topic(name: str):
    assert not set(definition_of(name).handlers.topics()) & set(definition_of(name).publishes)


@by_service
def test_what_is_handled_is_declared_by_its_publisher(name: str):
    declared = {event_class.TYPE: event_class for event_class in all_types()}
    for handlers in definition_of(name).consumers.values():
        for type_name, route in handlers.routes.items():
            assert declared.get(type_name) is route.event_class


def test_whatever_can_be_restated_has_its_snapshot_declared():
    declared = {event_class.TYPE for event_class in published_types()}
    for name in SERVICES:
        for subject in definition_of(name).republish:
            assert f"qunxue.{name}.{subject}.snapshot.v1" in declared
