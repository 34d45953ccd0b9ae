"""services hear when somebody was told."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notification_receipts",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("object_kind", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.String(length=12), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "result IN ('waiting', 'unreachable', 'taken', 'replaced')", name=op.f("ck_notification_receipts_result")
        ),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["notifications.id"],
            name=op.f("fk_notification_receipts_notification_id_notifications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_receipts")),
    )
    with op.batch_alter_table("notification_receipts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notification_receipts_notification_id"), ["notification_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_notification_receipts_person_id"),
            ["person_id"],
            unique=False,
            postgresql_where=sa.text("result IN ('waiting', 'unreachable')"),
            sqlite_where=sa.text("result IN ('waiting', 'unreachable')"),
        )


def downgrade() -> None:
    with op.batch_alter_table("notification_receipts", schema=None) as batch_op:
        batch_op.drop_index(
            batch_op.f("ix_notification_receipts_person_id"),
            postgresql_where=sa.text("result IN ('waiting', 'unreachable')"),
            sqlite_where=sa.text("result IN ('waiting', 'unreachable')"),
        )
        batch_op.drop_index(batch_op.f("ix_notification_receipts_notification_id"))

    op.drop_table("notification_receipts")
