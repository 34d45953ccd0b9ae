"""Limits by giver, points shared among authors, and since when each edition of the defaults applies."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "earning_givers",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("rule_code", sa.String(length=64), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("last_at", UTCDateTime(), nullable=False),
        sa.Column("last_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "rule_code", "giver_id", "day", name=op.f("pk_earning_givers")),
    )
    op.create_table(
        "earning_default_editions",
        sa.Column("edition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("edition", name=op.f("pk_earning_default_editions")),
    )
    with op.batch_alter_table("earning_occurrences", schema=None) as batch_op:
        batch_op.add_column(sa.Column("giver_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("sharing", sa.Integer(), server_default=sa.text("1"), nullable=False))
        batch_op.add_column(sa.Column("place", sa.Integer(), server_default=sa.text("0"), nullable=False))

    with op.batch_alter_table("earning_rule_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("giver_count", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("giver_per", sa.String(length=4), nullable=True))
        batch_op.add_column(sa.Column("shared", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("earning_rule_versions", schema=None) as batch_op:
        batch_op.drop_column("shared")
        batch_op.drop_column("giver_per")
        batch_op.drop_column("giver_count")

    with op.batch_alter_table("earning_occurrences", schema=None) as batch_op:
        batch_op.drop_column("place")
        batch_op.drop_column("sharing")
        batch_op.drop_column("giver_id")

    op.drop_table("earning_default_editions")
    op.drop_table("earning_givers")
