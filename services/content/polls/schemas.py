"""Votes as requests."""

from typing import Annotated

from pydantic import Field

from chassis.web.schemas import RequestModel
from services.content.discussions.kinds import MOST_CHOICES

Choice = Annotated[int, Field(ge=0, lt=MOST_CHOICES)]


class VotePut(RequestModel):
    """What to choose, by number from 0, in the place of what the caller chose before."""

    choices: Annotated[list[Choice], Field(min_length=1, max_length=MOST_CHOICES)]
