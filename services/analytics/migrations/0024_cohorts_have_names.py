"""cohorts have names."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cohort_names",
        sa.Column("cohort_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("cohort_id", name=op.f("pk_cohort_names")),
    )


def downgrade() -> None:
    op.drop_table("cohort_names")
