"""What happened may be restated, and a week of a streak moves: both keep their names, by which a hand took them back."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("earning_occurrences", schema=None) as batch_op:
        batch_op.add_column(sa.Column("restated", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))

    with op.batch_alter_table("streak_weeks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("moved_to", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("streak_weeks", schema=None) as batch_op:
        batch_op.drop_column("moved_to")

    with op.batch_alter_table("earning_occurrences", schema=None) as batch_op:
        batch_op.drop_column("restated")
