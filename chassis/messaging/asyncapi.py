"""Documents of the integration events, made from their classes: a JSON Schema each, and one AsyncAPI document."""

from collections.abc import Iterable, Mapping
from typing import Any

from chassis.messaging.envelope import is_restricted
from chassis.messaging.log import PARTITIONS, RETENTION_DAYS
from chassis.messaging.outbox import MAX_MESSAGE_BYTES
from contracts.base import IntegrationEvent

EventClass = type[IntegrationEvent]

INBOUND = {
    "corporate.hr": "People hired, moved and gone: written by the company's HR system alone, read by membership.",
    "corporate.lms": "Learning statements from the company's other systems. Nothing reads it yet.",
}
_SHARED = "CloudEvents"
_TAKEN = "CloudEventsTaken"
"""Of messages that come in: less is asked for."""


def schema_of(event_class: EventClass) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a type's data as readers may rely on it: unknown fields are allowed."""
    schema = event_class.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["$id"] = f"urn:{event_class.TYPE.replace('.', ':')}"
    schema["x-subject"] = _subject(event_class)
    schema["x-partition-key"] = event_class.KEY_FIELD
    return schema


def _subject(event_class: EventClass) -> str:
    """The field that is the subject, or in words what it is made of."""
    made = event_class.subject
    return event_class.SUBJECT_FIELD if made is IntegrationEvent.subject else " ".join((made.__doc__ or "").split())


def asyncapi_document(
    classes: Iterable[EventClass], inbound: Iterable[EventClass] = (), *, version: str
) -> dict[str, Any]:
    """The AsyncAPI 3.0 document of all types: one channel a topic, who may write it and who may read it.

    `inbound` are those that other systems send.
    """
    published = _by_topic(classes)
    by_topic = published | _by_topic(inbound)
    messages = {found.TYPE: _message(found) for group in by_topic.values() for found in group}
    channels = {topic: _channel(topic, group) for topic, group in sorted(by_topic.items())}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Qunxue 群学: integration events",
            "version": version,
            "description": (
                "CloudEvents 1.0 in binary mode over Kafka: attributes are `ce_` headers, the value is the data as JSON. "
                f"Each topic has {PARTITIONS} partitions by `partitionkey` and is kept for {RETENTION_DAYS} days. Messages are "
                "delivered at least once, in order per partition key within one topic, compressed with lz4. No message is larger than "
                f"{MAX_MESSAGE_BYTES // 1024} KiB. Readers must ignore unknown fields, attributes and types."
            ),
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "{bootstrap}",
                "protocol": "kafka-secure",
                "description": (
                    "The company's Kafka. The operator tells its address and lets each reader read the topics it needs, with a user "
                    "of its own (SASL SCRAM or PLAIN over TLS, or mTLS). The services alone write to `qunxue.` topics, and to each "
                    "`corporate.` topic the one system that it belongs to."
                ),
                "variables": {"bootstrap": {"description": "`host:port`, as in QUNXUE_KAFKA_BOOTSTRAP."}},
                "security": [
                    {"$ref": "#/components/securitySchemes/scram"},
                    {"$ref": "#/components/securitySchemes/mtls"},
                ],
            }
        },
        "channels": {name: {"address": name, "description": text} for name, text in INBOUND.items()} | channels,
        "operations": _operations(published) | _reading(by_topic.keys() - published.keys(), by_topic),
        "components": {
            "securitySchemes": {"scram": {"type": "scramSha512"}, "mtls": {"type": "X509"}},
            "messages": messages,
            "messageTraits": {_SHARED: _envelope(_ALWAYS), _TAKEN: _envelope(_ASKED)},
            "schemas": {found.TYPE: _embedded(found) for group in by_topic.values() for found in group},
        },
    }


def _by_topic(classes: Iterable[EventClass]) -> dict[str, list[EventClass]]:
    found: dict[str, list[EventClass]] = {}
    for event_class in sorted(classes, key=lambda one: one.TYPE):
        found.setdefault(event_class.TOPIC, []).append(event_class)
    return found


def _message(event_class: EventClass) -> dict[str, Any]:
    return {
        "name": event_class.TYPE,
        "title": event_class.__name__,
        "summary": " ".join((event_class.__doc__ or "").split()),
        "contentType": "application/json",
        "traits": [{"$ref": f"#/components/messageTraits/{_TAKEN if event_class.TOPIC in INBOUND else _SHARED}"}],
        "payload": {"$ref": f"#/components/schemas/{event_class.TYPE}"},
        "examples": [{"payload": example_of(schema_of(event_class), whole=True)}],
    }


def _channel(topic: str, classes: list[EventClass]) -> dict[str, Any]:
    if topic in INBOUND:
        description = f"{INBOUND[topic]} `source` is `{classes[0].SOURCE}`; key the records by {classes[0].KEY_FIELD}."
    else:
        description = _owned(topic, classes[0].SOURCE)
    return {
        "address": topic,
        "description": description,
        "messages": {found.TYPE: {"$ref": f"#/components/messages/{found.TYPE}"} for found in classes},
        "bindings": {"kafka": {"partitions": PARTITIONS, "bindingVersion": "0.5.0"}},
    }


def _owned(topic: str, owner: str) -> str:
    readers = "the services only" if is_restricted(topic) else "the services, and whom the operator names"
    return f"Written only by {owner}; read by {readers}."


def _operations(by_topic: Mapping[str, list[EventClass]]) -> dict[str, Any]:
    operations = {}
    for topic, classes in sorted(by_topic.items()):
        channel = {"$ref": f"#/channels/{topic}"}
        messages = [{"$ref": f"#/channels/{topic}/messages/{found.TYPE}"} for found in classes]
        service = classes[0].SOURCE.rpartition("/")[2]
        operations[f"{topic}.write"] = {
            "action": "send",
            "channel": channel,
            "summary": f"{service} tells what happened.",
            "messages": messages,
        }
        operations[f"{topic}.read"] = {
            "action": "receive",
            "channel": channel,
            "summary": "The other services receive this message.",
            "messages": messages,
        }
    return operations


def _reading(topics: Iterable[str], by_topic: Mapping[str, list[EventClass]]) -> dict[str, Any]:
    return {
        f"{topic}.read": {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{topic}"},
            "summary": "Qunxue follows what another system tells.",
            "messages": [{"$ref": f"#/channels/{topic}/messages/{found.TYPE}"} for found in by_topic[topic]],
        }
        for topic in sorted(topics)
    }


_ASKED = ("content-type", "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time")
_ALWAYS = (*_ASKED, "ce_subject", "ce_partitionkey", "ce_aggregateversion", "ce_recordedtime", "ce_actorid")


def _envelope(required: Iterable[str]) -> dict[str, Any]:
    def text(description: str, **more: Any) -> dict[str, Any]:
        return {"type": "string", "description": description, **more}

    properties = {
        "content-type": {"const": "application/json"},
        "ce_specversion": {"const": "1.0"},
        "ce_id": text(
            "The unique id of the message. It stays the same if the message is delivered again.", format="uuid"
        ),
        "ce_source": text(
            "The service that published the message. A topic has only one.", examples=["/qunxue/membership"]
        ),
        "ce_type": text("The type: what happened to which kind of thing, and the version of the schema."),
        "ce_subject": text("The id of the thing that changed."),
        "ce_time": text("When it happened. For imports this may be long ago.", format="date-time"),
        "ce_recordedtime": text("When the change was recorded.", format="date-time"),
        "ce_partitionkey": text("The key of the record. The order is kept within a key."),
        "ce_aggregateversion": text(
            "The number of this message among those of its source about the subject: 1, 2, 3 …"
        ),
        "ce_actorid": text("Who sent the request: `person:<uuid>`, `service:<uuid>`, `guest:<uuid>` or `system`."),
        "ce_communityid": text("The community that the message belongs to, if it belongs to one.", format="uuid"),
        "ce_backfill": text("`true` for imported history: apply it, but notify nobody."),
        "ce_traceparent": text("W3C trace context."),
    }
    return {"headers": {"type": "object", "properties": properties, "required": list(required)}}


def _embedded(event_class: EventClass) -> dict[str, Any]:
    """The schema with its references made to point into the document."""
    schema = schema_of(event_class)
    place = f"#/components/schemas/{event_class.TYPE}/$defs/"
    found: dict[str, Any] = _moved(schema, place)
    return {name: value for name, value in found.items() if name not in ("$schema", "$id")}


def _moved(value: Any, place: str) -> Any:
    if isinstance(value, dict):
        return {
            name: place + inner.removeprefix("#/$defs/") if name == "$ref" else _moved(inner, place)
            for name, inner in value.items()
        }
    return [_moved(item, place) for item in value] if isinstance(value, list) else value


# --- examples --------------------------------------------------------------------------------------------------------

_BY_FORMAT = {
    "date-time": "2026-03-02T08:30:00Z",
    "date": "2026-03-02",
    "time": "00:00:00",
}


def example_of(schema: Mapping[str, Any], *, whole: bool) -> Any:
    """Made-up data that fits a schema: every field when `whole`, else those required."""
    return _Example(schema.get("$defs", {}), whole=whole).of(schema, "")


class _Example:
    def __init__(self, definitions: Mapping[str, Any], *, whole: bool) -> None:
        self._definitions = definitions
        self._whole = whole
        self._ids = 0

    def of(self, schema: Mapping[str, Any], name: str) -> Any:
        if "examples" in schema:
            return schema["examples"][0]
        if "$ref" in schema:
            return self.of(self._definitions[schema["$ref"].rpartition("/")[2]], name)
        if "anyOf" in schema:
            return self.of(next(option for option in schema["anyOf"] if option.get("type") != "null"), name)
        if "x-known-values" in schema:
            return schema["x-known-values"][0]
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema)
        if kind == "array":
            return [self.of(schema["items"], name)]
        simple: dict[Any, Any] = {"integer": 3, "number": 0.5, "boolean": True}
        return simple[kind] if kind in simple else self._text(schema, name)

    def _object(self, schema: Mapping[str, Any]) -> Any:
        if "properties" not in schema:
            values = schema.get("additionalProperties")
            named = isinstance(values, Mapping) and values.get("type") == "string"
            return {"example": "示例" if named else 1.0}
        required = set(schema.get("required", ()))
        wanted = {n: inner for n, inner in schema["properties"].items() if self._whole or n in required}
        return {name: self.of(inner, name) for name, inner in wanted.items()}

    def _text(self, schema: Mapping[str, Any], name: str) -> str:
        if schema.get("format") == "uuid":
            self._ids += 1
            return f"01920000-0000-7000-8000-{self._ids:012d}"
        return _BY_FORMAT.get(schema.get("format", ""), f"{name} 示例")
