"""What the workshop keeps, and how it is asked for and shown."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field as Limits
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    Table,
    Uuid,
)
from sqlmodel import Field

from chassis.database.base import Publishing, Row, service_registry, service_tables
from chassis.database.constraints import check, key, unique
from chassis.ids import new_id
from chassis.problems import FieldError, ProblemType
from chassis.projections import (
    group_projection,
    membership_history,
    membership_projection,
)
from chassis.web.schemas import RequestModel, ResponseModel
from contracts.base import IntegrationEvent
from tests.support.declarations import of_tests_only

with of_tests_only():
    LABELLED = ProblemType("workshop_labelled", 409, en="The label is in use", zh="标签已使用")
    PLACE_TAKEN = ProblemType("workshop_place_taken", 409, en="The place has a label", zh="该处已有标签")
    COLOUR_SHOWN = ProblemType("workshop_colour_shown", 409, en="The colour is shown", zh="该颜色已展示")


class Base(Row, registry=service_registry()):
    pass


tables = service_tables(Base)
known = membership_projection(Base.metadata)
groups = group_projection(Base.metadata)
history = membership_history(Base.metadata)


class ThingMade(IntegrationEvent, type="workshop.thing.made", subject="thing_id"):
    thing_id: UUID
    community_id: UUID
    name: str


class Thing(Base, Publishing, table=True):
    __tablename__ = "things"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    member_id: UUID | None
    name: str
    weight: int = 0
    status: str = "open"
    version: int = 1
    seats: int = 0
    made_at: datetime


seats_taken = Table(
    "seats_taken",
    Base.metadata,
    Column("id", Uuid, primary_key=True),
    # Checked at the commit: the one way to make a commit fail when everything before went well.
    Column("thing_id", Uuid, ForeignKey("things.id", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("position", Integer, nullable=False),
)

NO_ROOM = FieldError("/place", "no_room", "There are a thousand places.")


class Label(Base, table=True):
    __tablename__ = "labels"
    __table_args__ = (
        key("code", answers=LABELLED),
        unique("thing_id", "place", answers=PLACE_TAKEN, field="place"),
        unique("colour", where="shown", name="uq_labels_colour_shown", answers=COLOUR_SHOWN),
        unique("serial", answers=None),
        CheckConstraint("place >= 0", name="place"),
        check("room", "place < 1000", wrong=NO_ROOM),
    )

    code: str = Field(primary_key=True)
    thing_id: UUID = Field(foreign_key="things.id")
    place: int
    colour: str
    shown: bool
    serial: int | None


class LabelCreate(RequestModel):
    code: str
    thing_id: UUID
    place: int = 0
    colour: str = "red"
    shown: bool = False
    serial: int | None = None


class ThingCreate(RequestModel):
    community_id: UUID
    name: Annotated[str, Limits(min_length=1, max_length=100)]
    seats: int = 0


class ThingPatch(RequestModel):
    name: str


class ThingsBatch(RequestModel):
    ids: list[UUID]


class ThingPublic(ResponseModel):
    id: UUID
    name: str
    status: str
    version: int
