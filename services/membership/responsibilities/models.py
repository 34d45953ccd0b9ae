"""The table of responsibilities."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import check, unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS, FieldError
from services.membership.base import Base

NO_OTHER_HOLDER = FieldError(
    "/deputy_id", "no_other_holder", "A deputy stands in for another holder.", "副职须由负责人以外的成员担任。"
)


class Responsibility(Base, Publishing, table=True):
    """An area of work. `passed_at` is when it last went from its holder to the deputy, or to nobody.

    Members are no foreign keys: checking those would lock members after the area, and everywhere they are locked before it.
    """

    __tablename__ = "responsibilities"
    __table_args__ = (
        unique("community_id", "area", answers=ALREADY_EXISTS, field="area"),
        check(
            "deputy", "deputy_id IS NULL OR (holder_id IS NOT NULL AND holder_id <> deputy_id)", wrong=NO_OTHER_HOLDER
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    area: str = Field(max_length=100)
    holder_id: UUID | None = None
    deputy_id: UUID | None = None
    informed_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    passed_at: datetime | None = None
    version: int = 1
    created_at: datetime
