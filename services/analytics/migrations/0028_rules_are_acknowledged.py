"""rules are acknowledged."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_acknowledgements",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("acknowledged", sa.BigInteger(), nullable=False),
        sa.Column("overdue", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_acknowledgements")),
    )
    op.create_table(
        "known_rule_sets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule_set_id", sa.Uuid(), nullable=False),
        sa.Column("acknowledge_by", UTCDateTime(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_rule_sets")),
    )


def downgrade() -> None:
    op.drop_table("known_rule_sets")
    op.drop_table("known_acknowledgements")
