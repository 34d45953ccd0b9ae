"""All kinds of deed together: what each message is to earning, and that no two of them are in each other's way."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal
from uuid import UUID

from chassis.messaging.envelope import Received
from contracts.base import IntegrationEvent
from services.gamification.earning.declaration import Change, Read, Thing, ToCome, Trigger, ids_of
from services.gamification.earning.rules import Occurrence, Target

State = Literal["removed", "counts"]


@dataclass(frozen=True, slots=True)
class _Effect:
    """What a message makes of the things of one namespace."""

    namespace: str
    state: State
    thing: Read
    members: tuple[Read, ...]
    unless: Read | None

    def state_by(self, data: Any) -> State:
        """What the message makes of it."""
        return "counts" if self.unless is not None and self.unless(data) else self.state


class Triggers:
    """All kinds of deed. Raises `TypeError` where two of them are in each other's way."""

    def __init__(
        self, declared: Sequence[Trigger], to_come: Sequence[ToCome] = (), settled: Sequence[ToCome] = ()
    ) -> None:
        self.by_name: dict[str, Trigger] = {trigger.name: trigger for trigger in declared}
        self.to_come: dict[str, ToCome] = {each.name: each for each in to_come}
        self.settled: dict[str, ToCome] = {each.name: each for each in settled}
        """What is taken without a rule; the rules on it are read alone."""
        self.deeds: dict[type[IntegrationEvent], Trigger] = {
            trigger.message: trigger
            for trigger in declared
            if not trigger.apart and issubclass(trigger.message, IntegrationEvent)
        }
        """The messages that are deeds, except those that are recorded separately."""
        self.changes: dict[type[IntegrationEvent], list[_Effect]] = {}
        """The messages that undo or redo deeds."""
        names = [trigger.name for trigger in declared] + [*self.to_come, *self.settled]
        _one_each(names, "trigger")
        _one_each([trigger.message.__name__ for trigger in declared], "trigger of the message")
        self._check_namespaces(declared)
        for trigger in declared:
            for change in trigger.undone_by:
                self._add(trigger, change, "removed")
            for change in trigger.redone_by:
                self._add(trigger, change, "counts")

    def _check_namespaces(self, declared: Sequence[Trigger]) -> None:
        own = [trigger for trigger in declared if trigger.shares_with is None]
        _one_each([trigger.thing.namespace for trigger in own], "trigger for things of the namespace")
        owners = {trigger.thing.namespace: trigger.name for trigger in own}
        for trigger in declared:
            if trigger.shares_with not in {None, owners.get(trigger.thing.namespace)}:
                raise TypeError(f"{trigger.name}: {trigger.shares_with} has no namespace {trigger.thing.namespace!r}")
            if isinstance(trigger.about, Thing) and trigger.about.namespace not in owners.keys() - {
                trigger.thing.namespace
            }:
                raise TypeError(f"{trigger.name}: no other trigger has the namespace {trigger.about.namespace!r}")
        for namespace in owners:
            sources = {
                change.message.SOURCE
                for trigger in declared
                if trigger.thing.namespace == namespace
                for change in trigger.undone_by + trigger.redone_by
            }
            if len(sources) > 1:
                raise TypeError(f"{namespace!r} is undone by {sorted(sources)}: versions of two services have no order")

    def _add(self, trigger: Trigger, change: Change, state: State) -> None:
        thing, members = trigger.of_change(change)
        unless = attrgetter(change.unless) if change.unless else None
        self.changes.setdefault(change.message, []).append(
            _Effect(
                trigger.thing.namespace, state, attrgetter(thing), tuple(attrgetter(path) for path in members), unless
            )
        )

    @property
    def undoing(self) -> tuple[type[IntegrationEvent], ...]:
        """The messages that undo or redo deeds, but are not deeds."""
        return tuple(message for message in self.changes if message not in self.deeds)

    @property
    def addresses(self) -> dict[str, str]:
        """Where clients read things, by namespace."""
        return {each.thing.namespace: each.address for each in self.by_name.values() if each.address}

    def occurrences_of(self, messages: Sequence[Received[Any]]) -> list[Occurrence]:
        """The occurrences of messages that are deeds."""
        return [
            occurrence
            for message in messages
            for occurrence in self.deeds[type(message.data)].occurrences_of([message])
        ]

    def states_after(self, messages: Sequence[Received[Any]]) -> tuple[dict[Target, tuple[str, int]], set[UUID]]:
        """What the messages make of things, each by its newest message, and the members it concerns."""
        states: dict[Target, tuple[str, int]] = {}
        members: set[UUID] = set()
        for message in messages:
            for effect in self.changes.get(type(message.data), ()):
                target = Target(effect.namespace, str(effect.thing(message.data)))
                members.update(member_id for read in effect.members for member_id in ids_of(read(message.data)))
                if target not in states or states[target][1] < message.version:
                    states[target] = (effect.state_by(message.data), message.version)
        return states, members


def _one_each(names: Collection[str], what: str) -> None:
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise TypeError(f"more than one {what} {', '.join(twice)}")
