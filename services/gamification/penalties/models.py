"""The table of fines that stand."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.gamification.base import Base


class Fine(Base, table=True):
    """The transfer by which a penalty's fine was taken, as long as it stands. Written under the locks of the wallet and of the penalty.

    `occurred_at` is that of the transfer.
    """

    __tablename__ = "fines"

    penalty_id: UUID = Field(primary_key=True)
    member_id: UUID
    transfer_id: UUID
    amount: int
    occurred_at: datetime
