"""when communities were heard of."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "community_hearings",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("heard_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_community_hearings")),
    )


def downgrade() -> None:
    op.drop_table("community_hearings")
