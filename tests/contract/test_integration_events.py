"""What services tell one another may grow and never break."""

import re
from typing import Any

import jsonschema
import pytest

from chassis.messaging.asyncapi import schema_of
from qunxue import contract_documents as documents
from qunxue.contract_documents import (
    all_types,
    as_text,
    examples,
    examples_path,
    inbound_types,
    published_types,
    schema_path,
)

AGAIN = "\n\nIf nothing a reader relies on is gone: python -m qunxue.contract_documents\nElse publish a new version beside the old."

agreed = pytest.mark.parametrize("event_class", all_types(), ids=lambda event_class: event_class.TYPE)
by_type = pytest.mark.parametrize("event_class", published_types(), ids=lambda event_class: event_class.TYPE)


@agreed
def test_the_schema_is_the_one_agreed_upon(event_class):
    path = schema_path(event_class)
    assert path.exists(), f"{path.name} is not written yet{AGAIN}"
    assert path.read_text(encoding="utf-8") == as_text(schema_of(event_class)), f"{event_class.TYPE} has changed{AGAIN}"


@agreed
def test_every_example_ever_given_is_still_understood(event_class):
    kept = examples(event_class)
    assert kept, f"{examples_path(event_class).name} is not written yet{AGAIN}"
    for example in kept:
        understood = event_class.model_validate(example)
        again = event_class.model_validate_json(understood.to_json())
        assert again == understood
        missing = lost(example, understood.model_dump(mode="json", by_alias=True))
        assert not missing, f"{event_class.TYPE} no longer knows {missing}: that needs a new version"


def lost(example: Any, understood: Any, place: str = "") -> list[str]:
    """The fields of an example that were not taken over."""
    if isinstance(example, dict):
        if not isinstance(understood, dict):
            return [place]
        return [
            gone
            for name, value in example.items()
            for gone in (
                lost(value, understood[name], f"{place}.{name}") if name in understood else [f"{place}.{name}"]
            )
        ]
    if isinstance(example, list):
        return [gone for one, other in zip(example, understood, strict=True) for gone in lost(one, other, place)]
    return []


@agreed
def test_examples_fit_the_schema(event_class):
    schema = schema_of(event_class)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    for example in examples(event_class):
        validator.validate(example)


def test_every_kept_schema_still_has_its_class():
    kept = {path.stem for path in (documents.FOLDER / "schemas").glob("*.json")}
    assert kept == {event_class.TYPE for event_class in all_types()}


MODULES = {"content": ["ideas"], "membership": ["belonging", "recruitment"]}
"""Beside the one with the service's name, and that of conduct, to which all services answer."""


@by_type
def test_a_type_follows_the_form(event_class):
    service = event_class.SOURCE.rpartition("/")[2]
    assert re.fullmatch(rf"qunxue\.{service}\.[a-z_]+\.[a-z_]+\.v[1-9][0-9]*", event_class.TYPE)
    assert event_class.__module__ in {f"contracts.{name}" for name in (service, "conduct", *MODULES.get(service, ()))}
    assert event_class.TOPIC in {f"qunxue.{service}", f"qunxue.{service}.restricted"}
    example = event_class.model_validate(examples(event_class)[-1])
    assert example.subject()
    assert example.partition_key()


FORBIDDEN = {"email", "e_mail", "phone", "body", "answers", "reason", "password", "secret", "token", "note"}


@by_type
def test_no_message_carries_what_is_nobody_elses_business(event_class):
    def names(schema: Any) -> set[str]:
        if isinstance(schema, dict):
            own = set(schema.get("properties", ()))
            return own.union(*(names(value) for value in schema.values()))
        return set().union(*(names(item) for item in schema)) if isinstance(schema, list) else set()

    assert not names(schema_of(event_class)) & FORBIDDEN


GLOBAL = {"person", "department", "work_calendar", "company_rules"}
OR_NONE = {"qunxue.membership.text.written.v1", "qunxue.content.text.decided.v1"}
"""Of communities, or of people's names."""
PICTURES = "qunxue.membership.attachment."
"""Of people, who belong to no community."""


@by_type
def test_what_happens_in_a_community_names_it(event_class):
    if event_class.AGGREGATE not in GLOBAL and not event_class.TYPE.startswith(PICTURES):
        assert "community_id" in event_class.model_fields
        assert event_class.model_fields["community_id"].is_required() is (event_class.TYPE not in OR_NONE)


def test_what_is_not_for_all_is_read_by_services_only():
    restricted = {e.TYPE.removeprefix("qunxue.").removesuffix(".v1") for e in published_types() if is_restricted(e)}
    whole = {
        "membership.application",
        "membership.sanction",
        "membership.appeal",
        "membership.penalty",
        "membership.case",
        "gamification.penalty",
        "content.penalty",
        "events.penalty",
        "analytics.penalty",
        "membership.acknowledgement",
        "analytics.risk",
        "analytics.insight",
        "analytics.automation",
    }
    of_content = {
        "content.article.read",
        "content.article.rated",
        "content.reading.recorded",
        "content.announcement.acknowledged",
        "content.reminder.due",
        "content.poll.voted",
        "content.content.flagged",
        "content.content.reported",
        "content.text.decided",
        "content.company_rules.changed",
        "events.text.written",
        "gamification.text.written",
        "gamification.reminder.due",
        "gamification.certification.due",
        "gamification.certification.overdue",
        "membership.text.written",
        "membership.notification.taken",
        "membership.rule_set.acknowledged",
        "membership.rule_set.missed",
    }
    of_events = {
        "events.survey.participated",
        "events.satisfaction.measured",
        "events.reminder.due",
        "events.contest.time_given",
    }
    parts = {one for one in restricted if one.rpartition(".")[0] not in whole}
    assert {one.rpartition(".")[0] for one in restricted - parts} == whole
    assert parts == of_content | of_events | {"content.search.missed", "content.subscription.changed"}


def is_restricted(event_class):
    return event_class.TOPIC.endswith(".restricted")


def test_what_services_alone_read_leaves_no_gap_in_what_others_count():
    """A subject that an open topic tells of, too, would show there by the versions that are missing."""
    told_openly = {e.AGGREGATE for e in published_types() if not is_restricted(e)}
    for event_class in filter(is_restricted, published_types()):
        if event_class.AGGREGATE in told_openly:
            for example in examples(event_class):
                assert event_class.model_validate(example).subject() not in str(example), event_class.TYPE


def test_the_asyncapi_document_is_up_to_date():
    kept = (documents.FOLDER / "asyncapi.json").read_text(encoding="utf-8")
    assert kept == as_text(documents.whole_document()), f"asyncapi.json is old{AGAIN}"


def test_every_reference_in_the_asyncapi_document_leads_somewhere():
    document = documents.whole_document()

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            found = [inner for name, inner in value.items() if name == "$ref"]
            return found + [ref for inner in value.values() for ref in references(inner)]
        return [ref for item in value for ref in references(item)] if isinstance(value, list) else []

    found = references(document)
    assert len(found) > 100
    for reference in found:
        target: Any = document
        for part in reference.removeprefix("#/").split("/"):
            assert part in target, reference
            target = target[part]


def test_each_message_of_the_asyncapi_document_stands_on_its_owners_channel():
    document = documents.whole_document()
    for event_class in published_types():
        assert event_class.TYPE in document["channels"][event_class.TOPIC]["messages"]
        assert event_class.SOURCE in document["channels"][event_class.TOPIC]["description"]
    assert {"corporate.hr", "corporate.lms"} <= set(document["channels"])


def test_what_comes_in_is_received_and_never_sent_by_us():
    document = documents.whole_document()
    assert inbound_types()
    for event_class in inbound_types():
        assert event_class.TYPE in document["channels"][event_class.TOPIC]["messages"]
        assert document["operations"][f"{event_class.TOPIC}.read"]["action"] == "receive"
        assert f"{event_class.TOPIC}.write" not in document["operations"]
        assert "/" + event_class.TOPIC.replace(".", "/") == event_class.SOURCE
