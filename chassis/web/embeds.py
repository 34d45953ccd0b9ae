"""Members in answers: `holder` of an answer is the member whose id is the row's `holder_id`, `informed` those of `informed_ids`."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, get_args
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import SQLModel

from chassis.web.schemas import MemberEmbed

Answer = TypeVar("Answer", bound=BaseModel)
Find = Callable[[set[UUID]], Awaitable[Mapping[UUID, MemberEmbed]]]
"""The members with these ids, all at once."""


async def with_members(answer: type[Answer], rows: Sequence[SQLModel], find: Find) -> list[Answer]:
    """Rows as answers, with the members that they name; the fields are those of `answer` that are a `MemberEmbed`, or a list of them."""
    named = [{field: _ids(row, field, many) for field, many in _embeds(answer)} for row in rows]
    members = await find({one for fields in named for ids in fields.values() for one in ids})
    return [
        answer.model_validate(
            row.model_dump()
            | {field: _one_or_all([members[one] for one in fields[field]], many) for field, many in _embeds(answer)}
        )
        for row, fields in zip(rows, named, strict=True)
    ]


def _embeds(answer: type[BaseModel]) -> Iterator[tuple[str, bool]]:
    """Its fields that are members, and whether each is a list of them."""
    for name, field in answer.model_fields.items():
        if field.annotation == list[MemberEmbed]:
            yield name, True
        elif field.annotation is MemberEmbed or MemberEmbed in get_args(field.annotation):
            yield name, False


def _ids(row: SQLModel, field: str, many: bool) -> list[UUID]:
    if many:
        return [UUID(str(one)) for one in getattr(row, f"{field}_ids")]
    one = getattr(row, f"{field}_id")
    return [] if one is None else [one]


def _one_or_all(members: list[MemberEmbed], many: bool) -> Any:
    return members if many else next(iter(members), None)
