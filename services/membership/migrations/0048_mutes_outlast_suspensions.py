"""mutes outlast suspensions."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("members", sa.Column("then_muted_until", UTCDateTime(), nullable=True))
    op.add_column("members", sa.Column("penalty_ids", JsonDocument, nullable=True))


def downgrade() -> None:
    op.drop_column("members", "penalty_ids")
    op.drop_column("members", "then_muted_until")
