"""check-ins count for plans."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("checkin_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=True),
        sa.Column("text_id", sa.Uuid(), nullable=True),
        sa.Column("link", sa.String(length=1000), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("open_until", UTCDateTime(), nullable=True),
        sa.Column("submitted_at", UTCDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("origin IN ('now', 'made_up', 'imported')", name=op.f("ck_plan_entries_origin")),
        sa.CheckConstraint("status IN ('done', 'good', 'returned')", name=op.f("ck_plan_entries_status")),
        sa.ForeignKeyConstraint(["plan_id"], ["checkin_plans.id"], name=op.f("fk_plan_entries_plan_id_checkin_plans")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_entries")),
        sa.UniqueConstraint("plan_id", "member_id", "day", name=op.f("uq_plan_entries_plan_id_member_id_day")),
    )
    with op.batch_alter_table("plan_entries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_entries_plan_id_submitted_at_id"), ["plan_id", "submitted_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_plan_entries_text_id"), ["text_id"], unique=False)

    with op.batch_alter_table("plan_participants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("completed_days", sa.Integer(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_plan_participants_completed_at_plan_id_member_id"),
            ["completed_at", "plan_id", "member_id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("plan_participants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_participants_completed_at_plan_id_member_id"))
        batch_op.drop_column("completed_days")

    with op.batch_alter_table("plan_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_entries_text_id"))
        batch_op.drop_index(batch_op.f("ix_plan_entries_plan_id_submitted_at_id"))

    op.drop_table("plan_entries")
