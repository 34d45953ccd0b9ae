"""staff are asked for a second factor."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_factor_terms",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("required_since", UTCDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_second_factor_terms_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor_terms")),
    )


def downgrade() -> None:
    op.drop_table("second_factor_terms")
