"""members check in by plans."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checkin_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("days", sa.String(length=16), nullable=False),
        sa.Column("weekdays", JsonDocument, nullable=False),
        sa.Column("prompts", JsonDocument, nullable=False),
        sa.Column("requires", sa.String(length=16), nullable=False),
        sa.Column("min_length", sa.Integer(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("note_visibility", sa.String(length=16), nullable=False),
        sa.Column("remind_at", sa.String(length=5), nullable=True),
        sa.Column("complete_at", sa.Integer(), nullable=False),
        sa.Column("participants", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("days IN ('all', 'workdays', 'weekdays')", name=op.f("ck_checkin_plans_days")),
        sa.CheckConstraint("note_visibility IN ('plan', 'operators')", name=op.f("ck_checkin_plans_note_visibility")),
        sa.CheckConstraint("requires IN ('none', 'note', 'file', 'link')", name=op.f("ck_checkin_plans_requires")),
        sa.CheckConstraint("complete_at BETWEEN 1 AND 100", name=op.f("ck_checkin_plans_complete_at")),
        sa.CheckConstraint("participants >= 0", name=op.f("ck_checkin_plans_participants")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_checkin_plans_dates")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkin_plans")),
    )
    with op.batch_alter_table("checkin_plans", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_checkin_plans_community_id_starts_on_id"), ["community_id", "starts_on", "id"], unique=False
        )

    op.create_table(
        "plan_participants",
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", UTCDateTime(), nullable=False),
        sa.Column("left_at", UTCDateTime(), nullable=True),
        sa.Column("days_done", sa.Integer(), nullable=False),
        sa.Column("days_made_up", sa.Integer(), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=True),
        sa.Column("completed_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("days_done >= 0 AND days_made_up >= 0", name=op.f("ck_plan_participants_days")),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["checkin_plans.id"], name=op.f("fk_plan_participants_plan_id_checkin_plans")
        ),
        sa.PrimaryKeyConstraint("plan_id", "member_id", name=op.f("pk_plan_participants")),
    )
    with op.batch_alter_table("plan_participants", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_participants_member_id_left_at"), ["member_id", "left_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("plan_participants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_participants_member_id_left_at"))

    op.drop_table("plan_participants")
    with op.batch_alter_table("checkin_plans", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_checkin_plans_community_id_starts_on_id"))

    op.drop_table("checkin_plans")
