"""the time of an offer runs from when it has reached its member."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("offer_runs_from", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("offer_told_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("awaited", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("untold", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.drop_column("untold")
        batch_op.drop_column("awaited")
        batch_op.drop_column("offer_told_at")
        batch_op.drop_column("offer_runs_from")
