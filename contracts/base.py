"""The base class of every integration event, and the registry of their types."""

import re
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

OURS = "qunxue"
"""What the types and topics of the product's own services begin with."""

_TYPE_NAME = re.compile(r"[a-z_]+\.[a-z_]+\.[a-z_]+")

_registry: dict[str, type["IntegrationEvent"]] = {}


class IntegrationEvent(BaseModel):
    """The data of one message between services: frozen and complete. Unknown fields are ignored.

    A subclass names itself by class keywords; one without `type` is a base for others and is never published::

        class PersonLeft(PersonState, type="membership.person.left", subject="person_id", key="person_id"): ...

    `type` is `<service>.<subject>.<past tense>`. `subject` and `key` name the fields that hold the id of the thing that
    changed and the key that order is promised for (the subject if left out). The message's `aggregateversion` counts the
    messages one service published for that subject id, whatever their types. `restricted` sends it to the topic that
    only the services read; `unnamed` hides in the envelope, too, who brought it about. A change that would break a reader is a new `version`, published beside the old one. `owner` is whose
    message it is, where it comes in from another system: `corporate` with `hr.person.hired` is `corporate.hr.person.hired.v1`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    TYPE: ClassVar[str]
    """The full type, e.g. `qunxue.membership.person.left.v1`."""
    VERSION: ClassVar[int]
    SOURCE: ClassVar[str]
    """The only source this type may come from, e.g. `/qunxue/membership`."""
    TOPIC: ClassVar[str]
    AGGREGATE: ClassVar[str]
    """The kind of thing that changed, e.g. `person`."""
    UNNAMED: ClassVar[bool]
    SUBJECT_FIELD: ClassVar[str]
    KEY_FIELD: ClassVar[str]

    @classmethod
    def __pydantic_init_subclass__(
        cls,
        *,
        type: str | None = None,  # noqa: A002 - the word of the envelope
        version: int = 1,
        subject: str | None = None,
        key: str | None = None,
        restricted: bool = False,
        unnamed: bool = False,
        owner: str = OURS,
        **kwargs: Any,
    ) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if type is None:
            return
        if not _TYPE_NAME.fullmatch(type):
            raise TypeError(f"{cls.__name__}: {type!r} is not <service>.<subject>.<past tense>")
        if subject is None or not {subject, key or subject} <= set(cls.model_fields):
            raise TypeError(f"{cls.__name__}: subject and key must name fields of the class")
        service, aggregate, _ = type.split(".")
        cls.TYPE = f"{owner}.{type}.v{version}"
        cls.VERSION = version
        cls.SOURCE = f"/{owner}/{service}"
        cls.TOPIC = f"{owner}.{service}.restricted" if restricted else f"{owner}.{service}"
        cls.UNNAMED = unnamed
        cls.AGGREGATE = aggregate
        cls.SUBJECT_FIELD = subject
        cls.KEY_FIELD = key or subject
        known = _registry.setdefault(cls.TYPE, cls)
        if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"{cls.TYPE} is declared by {known.__module__} and by {cls.__module__}")
        _registry[cls.TYPE] = cls

    def __init_subclass__(
        cls,
        *,
        type: str | None = None,  # noqa: A002 - the word of the envelope
        version: int = 1,
        subject: str | None = None,
        key: str | None = None,
        restricted: bool = False,
        unnamed: bool = False,
        owner: str = OURS,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)

    def subject(self) -> str:
        """The id of the thing that changed."""
        return str(getattr(self, self.SUBJECT_FIELD))

    def partition_key(self) -> str:
        """The key within which the topic keeps the order."""
        return str(getattr(self, self.KEY_FIELD))

    def community(self) -> UUID | None:
        """The community that the message belongs to, if it belongs to one."""
        community_id: UUID | None = getattr(self, "community_id", None)
        return community_id

    def to_json(self) -> str:
        """The data as it travels; what is absent is not written, and a name reserved in Python has its alias."""
        return self.model_dump_json(exclude_none=True, by_alias=True)


def event_types() -> dict[str, type[IntegrationEvent]]:
    """Every declared type by its full name, of the modules imported so far."""
    return dict(_registry)
