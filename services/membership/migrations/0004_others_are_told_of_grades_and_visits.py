"""others are told of grades and visits."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("channel_visits", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("grade_since", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("grade_since")

    with op.batch_alter_table("channel_visits", schema=None) as batch_op:
        batch_op.drop_column("told")
