"""plans remind who is missing."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("checkin_plans", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reminded_until", UTCDateTime(), nullable=True))

    with op.batch_alter_table("plan_entries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_entries_community_id_status_submitted_at"),
            ["community_id", "status", "submitted_at"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("plan_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_entries_community_id_status_submitted_at"))

    with op.batch_alter_table("checkin_plans", schema=None) as batch_op:
        batch_op.drop_column("reminded_until")
