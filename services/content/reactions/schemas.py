"""Reactions as requests and answers."""

from typing import Annotated

from fastapi import Path

from chassis.web.named import Closed
from chassis.web.schemas import Counts, ResponseModel
from services.content.reactions.models import Kind

REACTION = Closed("Reaction", Kind)
Given = Annotated[Kind, Path(), REACTION]


class ReactedPublic(ResponseModel):
    """The reactions to something, and those of the caller."""

    reactions: Counts
    reacted: list[Annotated[str, REACTION]]
