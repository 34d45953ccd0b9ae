"""rules have caps for things and windows."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "earning_targets",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("rule_code", sa.String(length=64), nullable=False),
        sa.Column("thing", sa.String(length=160), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.Column("last_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "rule_code", "thing", name=op.f("pk_earning_targets")),
    )
    with op.batch_alter_table("earning_rule_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("per_target_cap", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("cooldown_minutes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("multipliers", JsonDocument, server_default=sa.text("'[]'"), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("earning_rule_versions", schema=None) as batch_op:
        batch_op.drop_column("multipliers")
        batch_op.drop_column("cooldown_minutes")
        batch_op.drop_column("per_target_cap")

    op.drop_table("earning_targets")
