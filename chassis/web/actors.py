"""Names for ids: who did something is answered with their name, looked up in one statement for the whole answer."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Annotated, Any, NamedTuple, get_args
from uuid import UUID

from pydantic import BaseModel, BeforeValidator
from starlette.requests import Request

from chassis.web.named import Closed
from chassis.web.schemas import ResponseModel


class ActorEmbed(ResponseModel):
    """Who did something. An erased person, an account that only membership knows, and the system have no name.

    `member_id` is given where the answer is about a community that the person is or was a member of.
    """

    kind: Annotated[str, Closed("ActorKind", ["person", "service", "guest", "system"])]
    id: UUID | None = None
    display_name: str | None = None
    member_id: UUID | None = None


class ActorName(NamedTuple):
    """What a service knows of an actor, once for each of the communities asked about."""

    id: UUID
    display_name: str | None
    community_id: UUID | None
    member_id: UUID | None


def actor_of(written: Any) -> Any:
    """An actor as it is kept, `person:…`, `service:…` or `system`, as it is answered; the name follows."""
    if not isinstance(written, str):
        return written
    kind, _, rest = written.partition(":")
    try:
        return ActorEmbed(kind=kind, id=UUID(rest) if rest else None)
    except ValueError:
        return ActorEmbed(kind=kind, display_name=rest)


Actor = Annotated[ActorEmbed, BeforeValidator(actor_of)]
"""The type of a field that names an actor. What a row has there is text."""


def names_actors(answer: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Whether an answer of this type has an actor somewhere in it."""
    if answer is ActorEmbed:
        return True
    if isinstance(answer, type) and issubclass(answer, BaseModel) and answer not in seen:
        inner = seen | {answer}
        return any(names_actors(field.annotation, inner) for field in answer.model_fields.values())
    return any(names_actors(one, seen) for one in get_args(answer))


async def name_actors(request: Request, answer: Any) -> None:
    """Give every actor in an answer their name, and their member id where the answer says of which community it is."""
    found = [(actor, community) for actor, community in _actors(answer, None) if actor.id is not None]
    session = getattr(request.state, "session", None)
    if not found or session is None:
        return
    authority = request.app.state.runtime.authority
    communities = {community for _, community in found if community is not None}
    known: dict[tuple[UUID, UUID | None], ActorName] = {}
    for row in await authority.names(session, {actor.id for actor, _ in found if actor.id}, communities):
        known[row.id, row.community_id] = known[row.id, None] = row
    for actor, community in found:
        there = known.get((actor.id, community)) if actor.id and community else None
        name = there or (known.get((actor.id, None)) if actor.id else None)
        if name is not None:
            actor.display_name = name.display_name
            actor.member_id = there.member_id if there is not None else None


def _actors(node: Any, community: UUID | None) -> Iterator[tuple[ActorEmbed, UUID | None]]:
    if isinstance(node, ActorEmbed):
        yield node, community
    elif isinstance(node, BaseModel):
        names, says_community = _telling(type(node))
        of = (says_community(node) if says_community else None) or community
        for name in names:
            yield from _actors(getattr(node, name), of)
    elif isinstance(node, list):
        for one in node:
            yield from _actors(one, community)


@lru_cache(maxsize=1000)
def _telling(model: type[BaseModel]) -> tuple[Sequence[str], Callable[[Any], UUID | None] | None]:
    """In which fields of a model an actor may stand, and where it says of which community it is: by id, or by name and id."""
    fields = model.model_fields
    names = [name for name, field in fields.items() if _may_name(field.annotation)]
    if "community_id" in fields:
        return names, lambda node: node.community_id
    if "community" in fields:
        return names, lambda node: getattr(node.community, "id", None)
    return names, None


def _may_name(annotation: Any) -> bool:
    """A page that was made without its parameter has items of any type."""
    return annotation is Any or bool(getattr(annotation, "__parameters__", ())) or names_actors(annotation)
