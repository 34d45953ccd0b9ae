"""Which function handles which message."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.envelope import Received as Received
from contracts.base import IntegrationEvent

DEEDS = "deeds"
"""What all deeds in a topic together are called where a kind of snapshot is named."""

HandlerFunction = Callable[[Sequence[Received[Any]], AsyncSession], Awaitable[None]]
WantedFunction = Callable[[AsyncSession], Awaitable[Collection[str]]]
"""Of which types somebody wants messages now."""
ForgetFunction = Callable[[AsyncSession, datetime], Awaitable[None]]
"""Drops what was last told before that moment: whoever owns it has told everything again since, and not this."""
FunctionT = TypeVar("FunctionT", bound=HandlerFunction)


@dataclass(frozen=True, slots=True)
class Handler:
    """A function and the name that the inbox and dead letters know it by."""

    name: str
    function: HandlerFunction


@dataclass(frozen=True, slots=True)
class Route:
    """What happens to messages of one type, in the order of registration."""

    event_class: type[IntegrationEvent]
    handlers: tuple[Handler, ...]


class Handlers:
    """The handlers of one consumer.

    A handler takes a list of messages in order and a session; it must bear to see any message twice, and in any order
    across topics. It never commits. Renaming one makes it handle again what is still in the log.
    """

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}
        self._classes: dict[str, type[IntegrationEvent]] = {}
        self._by_type: dict[str, list[Handler]] = {}
        self._forgetting: dict[tuple[str, str], list[ForgetFunction]] = {}
        self._counting: set[str] = set()
        self.wanted: WantedFunction | None = None
        """Where only some types are wanted at a time, which: the others are passed over undecoded. A consumer has one such function."""
        self._routes: dict[str, Route] | None = None

    def on(
        self, *event_classes: type[IntegrationEvent], counts_deeds: bool = False
    ) -> Callable[[FunctionT], FunctionT]:
        """Register a function for one or more types of messages; it gets them together, in order.

        One that `counts_deeds` knows for ever which it has counted, so that what was lost can be told again.
        """

        def register(function: FunctionT) -> FunctionT:
            self._add(Handler(function.__name__, function), event_classes)
            if counts_deeds:
                self._counting.update(event_class.TOPIC for event_class in event_classes)
            return function

        return register

    def when_restated(self, snapshot: type[IntegrationEvent], forget: ForgetFunction) -> None:
        """Have `forget` called when everything that snapshots of this class tell of was told again."""
        self._forgetting.setdefault((snapshot.TOPIC, snapshot.AGGREGATE), []).append(forget)

    def forgetting(self, topic: str, subject: str) -> Sequence[ForgetFunction]:
        """What is called when everything of this kind was told again."""
        return self._forgetting.get((topic, subject), [])

    def restatable(self, topic: str) -> set[str]:
        """The kinds whose snapshots are handled, of those that travel in the topic, and the deeds in it where they are counted."""
        classes = (route.event_class for route in self.routes.values())
        kinds = {one.AGGREGATE for one in classes if is_snapshot(one) and topic == one.TOPIC}
        return kinds | ({DEEDS} if topic in self._counting else set())

    def of(self, wanted: Callable[[str], bool]) -> "Handlers":
        """The same for some topics alone."""
        found = Handlers()
        for handler in self:
            classes = [self._classes[name] for name, some in self._by_type.items() if handler in some]
            if here := [event_class for event_class in classes if wanted(event_class.TOPIC)]:
                found._add(handler, here)
        found.wanted = self.wanted
        found._counting = {topic for topic in self._counting if wanted(topic)}
        found._forgetting = {key: functions for key, functions in self._forgetting.items() if wanted(key[0])}
        return found

    def include(self, other: "Handlers") -> None:
        """Add another registry's handlers after this one's."""
        for handler in other._handlers.values():  # noqa: SLF001 - of the same class
            classes = [
                other._classes[name]  # noqa: SLF001
                for name, handlers in other._by_type.items()  # noqa: SLF001
                if handler in handlers
            ]
            self._add(handler, classes)
        self._counting |= other._counting  # noqa: SLF001 - of the same class
        self.wanted = self.wanted or other.wanted
        for key, functions in other._forgetting.items():  # noqa: SLF001 - of the same class
            self._forgetting.setdefault(key, []).extend(functions)

    def _add(self, handler: Handler, event_classes: Sequence[type[IntegrationEvent]]) -> None:
        if handler.name in self._handlers:
            raise ValueError(f"two handlers are named {handler.name}")
        self._handlers[handler.name] = handler
        for event_class in event_classes:
            self._classes[event_class.TYPE] = event_class
            self._by_type.setdefault(event_class.TYPE, []).append(handler)
        self._routes = None

    @property
    def routes(self) -> dict[str, Route]:
        """What is handled, by type.

        Of one message published in two versions only the newest that has a handler is read: both carry the same news.
        """
        if self._routes is None:
            newest: dict[str, int] = {}
            for event_class in self._classes.values():
                stem = _stem(event_class)
                newest[stem] = max(newest.get(stem, 0), event_class.VERSION)
            self._routes = {
                name: Route(event_class, tuple(self._by_type[name]))
                for name, event_class in self._classes.items()
                if newest[_stem(event_class)] == event_class.VERSION
            }
        return self._routes

    def __iter__(self) -> Iterator[Handler]:
        """The handlers in order of registration."""
        return iter(self._handlers.values())

    def named(self, name: str) -> Handler | None:
        """A handler by name."""
        return self._handlers.get(name)

    def topics(self) -> list[str]:
        """The topics that must be read."""
        return sorted({route.event_class.TOPIC for route in self.routes.values()})


def is_snapshot(event_class: type[IntegrationEvent]) -> bool:
    """Whether messages of this type restate what is so, and nothing happened."""
    return event_class.TYPE.split(".")[-2] == "snapshot"


def _stem(event_class: type[IntegrationEvent]) -> str:
    return event_class.TYPE.rpartition(".")[0]
