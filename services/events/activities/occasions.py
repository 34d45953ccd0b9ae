"""What happens to activities and concerns more than them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement

from chassis.occasions import Occasion
from chassis.web.work import Work
from services.events.activities.access import SeenActivity
from services.events.activities.models import Activity
from services.events.activities.schemas import ActivityMine


@dataclass(frozen=True, slots=True)
class Shown:
    """Activities that are about to be answered to somebody who is these members, in each community at most one."""

    activities: Sequence[Activity]
    member_ids: Collection[UUID]


@dataclass(frozen=True, slots=True)
class Viewed:
    """An activity that somebody reads alone: what they have with it, and which conditions of it they do not meet."""

    found: SeenActivity
    mine: ActivityMine | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Turned:
    """Locked, announced activities were announced, moved, cancelled or completed, or have other seats."""

    activities: Sequence[Activity]
    work: Work
    how: Literal["announced", "moved", "cancelled", "resized", "completed"]


@dataclass(frozen=True, slots=True)
class RecordingAsked:
    """Somebody asks for the recording of an activity."""

    activity: Activity


recording_asked: Occasion[RecordingAsked, bool] = Occasion("recording asked")
"""Each effect answers whether it may be shown."""
activities_shown: Occasion[Shown, Mapping[UUID, Any]] = Occasion("activities shown")
"""Answers what the members have with each activity: their registration."""
activity_viewed: Occasion[Viewed, Mapping[str, str | None]] = Occasion("activity viewed")
"""Answers what else its reader can do with it (None), or why not; what they did already is left out."""
scanners_shown: Occasion[Shown, Collection[UUID]] = Occasion("scanners shown")
"""Answers at which of the activities the members scan at the door."""
own_wanted: Occasion[Collection[UUID], ColumnElement[bool]] = Occasion("own activities wanted")
"""Who is these members asks for their own: each effect answers which activities they have something to do with."""
activities_turned: Occasion[Turned, None] = Occasion("activities turned")
