"""days of plans are reviewed."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_comments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(length=1000), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["plan_entries.id"], name=op.f("fk_plan_comments_entry_id_plan_entries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_comments")),
    )
    with op.batch_alter_table("plan_comments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_comments_entry_id_created_at_id"), ["entry_id", "created_at", "id"], unique=False
        )

    op.create_table(
        "plan_likes",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["plan_entries.id"], name=op.f("fk_plan_likes_entry_id_plan_entries")),
        sa.PrimaryKeyConstraint("entry_id", "member_id", name=op.f("pk_plan_likes")),
    )
    with op.batch_alter_table("plan_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reviewed_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("reviewer_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("reason", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("likes", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("comments", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index(
            batch_op.f("ix_plan_entries_member_id_open_until"), ["member_id", "open_until"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_plan_entries_plan_id_day_member_id"), ["plan_id", "day", "member_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("plan_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_entries_plan_id_day_member_id"))
        batch_op.drop_index(batch_op.f("ix_plan_entries_member_id_open_until"))
        batch_op.drop_column("comments")
        batch_op.drop_column("likes")
        batch_op.drop_column("reason")
        batch_op.drop_column("reviewer_id")
        batch_op.drop_column("reviewed_at")

    op.drop_table("plan_likes")
    with op.batch_alter_table("plan_comments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_comments_entry_id_created_at_id"))

    op.drop_table("plan_comments")
