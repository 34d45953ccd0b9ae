"""Pieces of data that several messages share."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.kinds import PIECES


class Part(BaseModel):
    """A part of a message's data: frozen. Unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


def known(*values: str) -> object:
    """Document today's values without refusing future ones: enums may grow, and old readers must keep working."""
    return Field(json_schema_extra={"x-known-values": list(values)})


class ContentObject(Part):
    """A piece of content that something is about; `root_id` is the article, discussion, … it belongs to."""

    kind: Annotated[str, known(*PIECES)]
    id: UUID
    root_id: UUID
    author_ids: tuple[UUID, ...]
    """Members."""


class ObjectReference(Part):
    """A thing: its kind and id."""

    kind: str
    id: UUID
