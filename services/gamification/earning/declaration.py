"""How a kind of deed is declared. All that is said of triggers elsewhere is derived from their declarations.

A declaration names fields of the message's class by their paths, such as `object.author_ids`. They are looked up while it is
made, so that a field that was renamed fails at import and not in silence at the first message.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from chassis.ids import NOBODY_NAMED, is_mask
from chassis.messaging.envelope import Received
from contracts.base import IntegrationEvent
from services.gamification.earning.fields import Attribute, attribute, require, several
from services.gamification.earning.rules import Occurrence


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing by its namespace and by the field that holds its id."""

    namespace: str
    id: str


@dataclass(frozen=True, slots=True)
class Content:
    """The piece of content in a field of the message; its kind is the namespace."""

    field: str


@dataclass(frozen=True, slots=True)
class Change:
    """A message that undoes or redoes deeds. Its fields are those of the deed's message where no others are named.

    `unless`: a field that says that the deed counts all the same.
    """

    message: type[IntegrationEvent]
    thing: str | None = None
    members: tuple[str, ...] | None = None
    unless: str | None = None


@dataclass(frozen=True, slots=True)
class ToCome:
    """A kind of deed that default rules have but no message reports to rules. Rules of a community cannot name it."""

    name: str
    en: str
    zh: str


@dataclass(frozen=True)
class Trigger:
    """A kind of deed that rules can pay. Raises `TypeError` where the message has not what it says.

    `pays`: whom rules may pay, each with the field of the members; the first is meant where a rule names none.
    `thing`: what was done or made. `once_per: target` pays it once, and what undoes the deed finds it by it. Its namespace
    belongs to this trigger alone, else what undoes one deed undoes another with it: the reader's point would go with the
    article. `shares_with` names the trigger of whose namespace it is where exactly this is wanted.
    `address`: where clients read the thing; of a thing that is named by several parts with `:` between them, what the first one is.
    `about`: what the thing hangs on, in the namespace of another trigger; what undoes that undoes this too.
    `by`: who did it; nobody is paid for what they did to their own.
    `attributes`: the fields that rules may test, `object.kind` under the name `object_kind`.
    `undone_by`, `redone_by`: their subject must be the thing, because versions order them.
    `apart`: recorded by the code of a feature, not where messages of deeds are handled.
    `name`: that of the message's type, without service and version; to be given where the message is none.
    """

    message: type[BaseModel]
    en: str
    zh: str
    pays: Mapping[str, str]
    thing: Thing
    address: str | None = None
    shares_with: str | None = None
    about: Thing | Content | None = None
    by: str | None = None
    attributes: tuple[str, ...] = ()
    undone_by: tuple[Change, ...] = ()
    redone_by: tuple[Change, ...] = ()
    apart: bool = False
    name: str = ""
    tests: Mapping[str, Attribute] = field(init=False)
    """The attributes by the names that conditions use."""
    _read: "_Reading" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        message = self.message
        name = self.name or ".".join(getattr(message, "TYPE", "").split(".")[2:4])
        if not name:
            raise TypeError(f"{message.__name__} has no type: name the trigger")
        if not self.apart and not issubclass(message, IntegrationEvent):
            raise TypeError(f"{message.__name__} is no message: it is recorded apart")
        if not self.pays:
            raise TypeError(f"{message.__name__} pays nobody")
        require(message, "community_id", UUID)
        for path in self.pays.values():
            require(message, path, UUID, tuple[UUID, ...], absent=True)
        require(message, self.thing.id, UUID, str)
        if self.by is not None:
            require(message, self.by, UUID)
        if isinstance(self.about, Content):
            require(message, f"{self.about.field}.kind", str)
            require(message, f"{self.about.field}.id", UUID)
        elif self.about is not None:
            require(message, self.about.id, UUID, str)
        for change in self.undone_by + self.redone_by:
            thing, members = self.of_change(change)
            require(change.message, thing, UUID, str)
            for path in members:
                require(change.message, path, UUID, tuple[UUID, ...], absent=True)
            if change.unless is not None:
                require(change.message, change.unless, bool)
            if thing.split(".")[0] != change.message.SUBJECT_FIELD:
                raise TypeError(
                    f"{change.message.__name__} is not about {thing}: its versions do not order what it undoes"
                )
        # Worked out once, because they are asked for every message.
        found = [attribute(message, path) for path in self.attributes]
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "tests", {each.name: each for each in found})
        object.__setattr__(self, "_read", _Reading(self))

    @property
    def together(self) -> tuple[str, ...]:
        """Those of whom a message may name several."""
        return tuple(name for name, path in self.pays.items() if several(self.message, path))

    @property
    def beneficiaries(self) -> tuple[str, ...]:
        """Whom rules may pay."""
        return tuple(self.pays)

    def of_change(self, change: Change) -> tuple[str, tuple[str, ...]]:
        """The fields of the thing and of the members in a message that undoes or redoes the deed."""
        return change.thing or self.thing.id, change.members or tuple(self.pays.values())

    def occurrences(
        self, data: BaseModel, *, source_id: UUID, occurred_at: datetime, backfill: bool = False
    ) -> Iterator[Occurrence]:
        """What happened to each member whom it may pay."""
        read = self._read
        thing_id = str(read.thing(data))
        about = read.about(data)
        by = read.by(data) if read.by else None
        if by is not None and is_mask(by):
            # Else each question asked without a name would be a giver of its own, and no limit of givers would hold.
            by = NOBODY_NAMED
        attributes = {name: _plain(value(data)) for name, value in read.attributes}
        for beneficiary, members in read.pays:
            # Who is not named is paid nothing: a wallet would name them.
            paid = [one for one in dict.fromkeys(ids_of(members(data))) if not is_mask(one)]
            for place, member_id in enumerate(paid):
                yield Occurrence(
                    source_id=source_id,
                    trigger=self.name,
                    community_id=data.community_id,  # type: ignore[attr-defined]
                    member_id=member_id,
                    occurred_at=occurred_at,
                    target_kind=self.thing.namespace,
                    target_id=thing_id,
                    beneficiary=beneficiary,
                    own=by is not None and by == member_id,
                    attributes=attributes,
                    backfill=backfill,
                    about_kind=about[0] if about else None,
                    about_id=about[1] if about else None,
                    giver_id=by,
                    sharing=len(paid),
                    place=place,
                )

    def occurrences_of(self, messages: Sequence[Received[Any]]) -> list[Occurrence]:
        """The occurrences of messages of this trigger."""
        return [
            occurrence
            for message in messages
            for occurrence in self.occurrences(
                message.data, source_id=message.id, occurred_at=message.occurred_at, backfill=message.backfill
            )
        ]


Read = Callable[[Any], Any]


class _Reading:
    """How a trigger's fields are read."""

    __slots__ = ("about", "attributes", "by", "pays", "thing")

    def __init__(self, trigger: Trigger) -> None:
        self.thing: Read = attrgetter(trigger.thing.id)
        self.about: Callable[[Any], tuple[str, str] | None] = _reader_of(trigger.about)
        self.by: Read | None = attrgetter(trigger.by) if trigger.by else None
        self.attributes = tuple((each.name, attrgetter(each.path)) for each in trigger.tests.values())
        self.pays = tuple((beneficiary, attrgetter(path)) for beneficiary, path in trigger.pays.items())


def _reader_of(about: Thing | Content | None) -> Callable[[Any], tuple[str, str] | None]:
    match about:
        case None:
            return lambda _: None
        case Content(path):
            piece = attrgetter(path)
            return lambda data: ((found := piece(data)).kind, str(found.id))
        case Thing(namespace, path):
            id_ = attrgetter(path)
            return lambda data: (namespace, str(id_(data)))


def ids_of(value: UUID | tuple[UUID, ...] | None) -> tuple[UUID, ...]:
    """The members in a field that names one, several or nobody."""
    return value if isinstance(value, tuple) else () if value is None else (value,)


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
