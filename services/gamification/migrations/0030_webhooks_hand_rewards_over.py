"""webhooks hand rewards over."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("redemptions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hook_next_at", UTCDateTime(), nullable=True))
        batch_op.create_index(
            "ix_redemptions_hook_next_at",
            ["reward_id", "hook_next_at"],
            unique=False,
            postgresql_where=sa.text("hook_next_at IS NOT NULL"),
            sqlite_where=sa.text("hook_next_at IS NOT NULL"),
        )

    with op.batch_alter_table("rewards", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hook_url", sa.String(length=1000), nullable=True))
        batch_op.add_column(sa.Column("hook_failures", sa.Integer(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("rewards", schema=None) as batch_op:
        batch_op.drop_column("hook_failures")
        batch_op.drop_column("hook_url")

    with op.batch_alter_table("redemptions", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_redemptions_hook_next_at",
            postgresql_where=sa.text("hook_next_at IS NOT NULL"),
            sqlite_where=sa.text("hook_next_at IS NOT NULL"),
        )
        batch_op.drop_column("hook_next_at")
