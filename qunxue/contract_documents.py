"""The documents of the integration events: schemas, examples and the AsyncAPI document, kept beside the classes.

    python -m qunxue.contract_documents

writes them again after a change. A schema may only grow: what a reader of today would miss is a new version of the type, and
an example once written is read for ever.
"""

import json
from pathlib import Path
from typing import Any

import contracts.analytics
import contracts.belonging
import contracts.conduct
import contracts.content
import contracts.corporate
import contracts.events
import contracts.gamification
import contracts.ideas
import contracts.membership
import contracts.recruitment
from chassis.messaging.asyncapi import EventClass, asyncapi_document, example_of, schema_of
from chassis.settings import SERVICES
from contracts.base import event_types

FOLDER = Path(contracts.__file__).parent
VERSION = "1.0.0"
"""Of the AsyncAPI document; types have versions of their own."""


def published_types() -> list[EventClass]:
    """Every type of the product's own services, by name."""
    modules = {f"contracts.{name}" for name in (*SERVICES, "belonging", "conduct", "ideas", "recruitment")}
    return sorted((c for c in event_types().values() if c.__module__ in modules), key=lambda found: found.TYPE)


def inbound_types() -> list[EventClass]:
    """Every type that other systems of the company send to the product, by name."""
    module = contracts.corporate.__name__
    return sorted((c for c in event_types().values() if c.__module__ == module), key=lambda found: found.TYPE)


def all_types() -> list[EventClass]:
    """Every type that is sent or understood."""
    return [*published_types(), *inbound_types()]


def whole_document() -> dict[str, Any]:
    """The AsyncAPI document: what the services send, and what they understand of others."""
    return asyncapi_document(published_types(), inbound_types(), version=VERSION)


def schema_path(event_class: EventClass) -> Path:
    """Where a type's schema is kept."""
    return FOLDER / "schemas" / f"{event_class.TYPE}.json"


def examples_path(event_class: EventClass) -> Path:
    """Where a type's examples are kept: a list, the oldest first."""
    return FOLDER / "examples" / f"{event_class.TYPE}.json"


def as_text(document: Any) -> str:
    """A document as it is kept in a file."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def examples(event_class: EventClass) -> list[Any]:
    """The examples kept so far."""
    path = examples_path(event_class)
    found: list[Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return found


def write() -> int:
    """Bring all files up to date; how many changed. Examples are only ever added."""
    changed = 0
    for event_class in all_types():
        schema = schema_of(event_class)
        kept = examples(event_class)
        for example in (example_of(schema, whole=False), example_of(schema, whole=True)):
            if example not in kept:
                kept.append(example)
        changed += _write(schema_path(event_class), as_text(schema))
        changed += _write(examples_path(event_class), as_text(kept))
    return changed + _write(FOLDER / "asyncapi.json", as_text(whole_document()))


def _write(path: Path, text: str) -> bool:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


if __name__ == "__main__":
    print(f"{write()} files written in {FOLDER.name}/")
