"""members have rewards for points."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rewards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=4000), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("market_value", sa.Integer(), nullable=True),
        sa.Column("stock_left", sa.Integer(), nullable=True),
        sa.Column("per_member_limit", sa.Integer(), nullable=True),
        sa.Column("min_level", sa.Integer(), nullable=True),
        sa.Column("available_from", UTCDateTime(), nullable=True),
        sa.Column("available_until", UTCDateTime(), nullable=True),
        sa.Column("fulfilment", sa.String(length=16), nullable=False),
        sa.Column("delivery", sa.String(length=16), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("delivery IN ('none', 'pickup', 'shipping')", name=op.f("ck_rewards_delivery")),
        sa.CheckConstraint("fulfilment IN ('automatic', 'manual', 'webhook')", name=op.f("ck_rewards_fulfilment")),
        sa.CheckConstraint(
            "kind IN ('voucher', 'physical', 'certificate', 'course', 'privilege')", name=op.f("ck_rewards_kind")
        ),
        sa.CheckConstraint("available_from < available_until", name=op.f("ck_rewards_window")),
        sa.CheckConstraint("cost > 0", name=op.f("ck_rewards_cost")),
        sa.CheckConstraint("stock_left >= 0", name=op.f("ck_rewards_stock_left")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rewards")),
    )
    with op.batch_alter_table("rewards", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_rewards_community_id_cost_id"), ["community_id", "cost", "id"], unique=False
        )

    op.create_table(
        "reward_communities",
        sa.Column("reward_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["reward_id"], ["rewards.id"], name=op.f("fk_reward_communities_reward_id_rewards")),
        sa.PrimaryKeyConstraint("reward_id", "community_id", name=op.f("pk_reward_communities")),
    )
    with op.batch_alter_table("reward_communities", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reward_communities_community_id_reward_id"), ["community_id", "reward_id"], unique=False
        )

    op.create_table(
        "voucher_codes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("reward_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["reward_id"], ["rewards.id"], name=op.f("fk_voucher_codes_reward_id_rewards")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher_codes")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_voucher_codes_community_id_code")),
    )
    with op.batch_alter_table("voucher_codes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_voucher_codes_reward_id_redemption_id_id"),
            ["reward_id", "redemption_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_voucher_codes_redemption_id",
            ["redemption_id"],
            unique=True,
            postgresql_where=sa.text("redemption_id IS NOT NULL"),
            sqlite_where=sa.text("redemption_id IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("voucher_codes", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_voucher_codes_redemption_id",
            postgresql_where=sa.text("redemption_id IS NOT NULL"),
            sqlite_where=sa.text("redemption_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_voucher_codes_reward_id_redemption_id_id"))

    op.drop_table("voucher_codes")
    with op.batch_alter_table("reward_communities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reward_communities_community_id_reward_id"))

    op.drop_table("reward_communities")
    with op.batch_alter_table("rewards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rewards_community_id_cost_id"))

    op.drop_table("rewards")
