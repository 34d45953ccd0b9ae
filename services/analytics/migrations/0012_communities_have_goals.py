"""communities have goals."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "goal_books",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_goal_books")),
    )
    op.create_table(
        "goals",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("horizon", sa.String(length=5), nullable=False),
        sa.Column("metric_code", sa.String(length=64), nullable=True),
        sa.Column("metric_version", sa.Integer(), nullable=True),
        sa.Column("metric_unit", sa.String(length=64), nullable=True),
        sa.Column("grain", sa.String(length=8), nullable=True),
        sa.Column("metric_part", sa.String(length=32), nullable=True),
        sa.Column("metric_working", sa.Boolean(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("baseline", sa.Float(), nullable=True),
        sa.Column("target", sa.Float(), nullable=False),
        sa.Column("direction", sa.String(length=4), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("relevance", sa.String(length=500), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("ask_verb", sa.SmallInteger(), nullable=True),
        sa.Column("ask_count", sa.Integer(), nullable=True),
        sa.Column("ask_kind", sa.String(length=16), nullable=True),
        sa.Column("ask_about", sa.Uuid(), nullable=True),
        sa.Column("gain", sa.String(length=200), nullable=True),
        sa.Column("status", sa.String(length=9), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("n", sa.Integer(), nullable=True),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=9), nullable=False),
        sa.Column("forecast", sa.Float(), nullable=True),
        sa.Column("pace_before", sa.Float(), nullable=True),
        sa.Column("measured_at", UTCDateTime(), nullable=True),
        sa.Column("as_of", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_goals_closed")),
        sa.CheckConstraint("(status = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_goals_withdrawn")),
        sa.CheckConstraint("(ask_verb IS NULL) = (ask_count IS NULL)", name=op.f("ck_goals_ask")),
        sa.CheckConstraint("starts_on <= due_on", name=op.f("ck_goals_days")),
        sa.CheckConstraint("weight > 0", name=op.f("ck_goals_weight")),
        sa.ForeignKeyConstraint(["parent_id"], ["goals.id"], name=op.f("fk_goals_parent_id_goals")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goals")),
    )
    with op.batch_alter_table("goals", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_goals_community_id_due_on_id"), ["community_id", "due_on", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_goals_community_id_status"), ["community_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_goals_parent_id"), ["parent_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("goals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_goals_parent_id"))
        batch_op.drop_index(batch_op.f("ix_goals_community_id_status"))
        batch_op.drop_index(batch_op.f("ix_goals_community_id_due_on_id"))

    op.drop_table("goals")
    op.drop_table("goal_books")
