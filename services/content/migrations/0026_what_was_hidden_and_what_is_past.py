"""what was hidden and what is past."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("discussions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hidden_since", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("past_upto", sa.Integer(), server_default="-1", nullable=False))

    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen_since", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("past", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.drop_column("past")
        batch_op.drop_column("seen_since")

    with op.batch_alter_table("discussions", schema=None) as batch_op:
        batch_op.drop_column("past_upto")
        batch_op.drop_column("hidden_since")
