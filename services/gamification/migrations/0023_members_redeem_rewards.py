"""members redeem rewards."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "redemptions",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("reward_id", sa.Uuid(), nullable=False),
        sa.Column("reward_kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("market_value", sa.Integer(), nullable=True),
        sa.Column("fulfilment", sa.String(length=16), nullable=False),
        sa.Column("delivery", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=True),
        sa.Column("took_stock", sa.Boolean(), nullable=False),
        sa.Column("recipient_name", sa.String(length=100), nullable=True),
        sa.Column("recipient_phone", sa.String(length=40), nullable=True),
        sa.Column("recipient_address", sa.String(length=500), nullable=True),
        sa.Column("tracking", sa.String(length=100), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("decide_by", UTCDateTime(), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("approved_at", UTCDateTime(), nullable=True),
        sa.Column("collect_by", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('requested', 'approved')) = (ended_at IS NULL)", name=op.f("ck_redemptions_ended")
        ),
        sa.CheckConstraint(
            "status IN ('requested', 'approved', 'fulfilled', 'rejected', 'cancelled', 'expired')",
            name=op.f("ck_redemptions_status"),
        ),
        sa.CheckConstraint("cost > 0", name=op.f("ck_redemptions_cost")),
        sa.ForeignKeyConstraint(["reward_id"], ["rewards.id"], name=op.f("fk_redemptions_reward_id_rewards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemptions")),
    )
    with op.batch_alter_table("redemptions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_redemptions_community_id_status_created_at_id"),
            ["community_id", "status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_redemptions_member_id_created_at_id"), ["member_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_redemptions_reward_id_member_id"), ["reward_id", "member_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("redemptions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_redemptions_reward_id_member_id"))
        batch_op.drop_index(batch_op.f("ix_redemptions_member_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_redemptions_community_id_status_created_at_id"))

    op.drop_table("redemptions")
