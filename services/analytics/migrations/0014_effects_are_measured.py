"""effects are measured."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("insights", schema=None) as batch_op:
        batch_op.add_column(sa.Column("effect", JsonDocument, nullable=True))
        batch_op.add_column(sa.Column("measured_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("insights", schema=None) as batch_op:
        batch_op.drop_column("measured_at")
        batch_op.drop_column("effect")
