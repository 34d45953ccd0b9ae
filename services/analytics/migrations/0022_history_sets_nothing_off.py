"""history sets nothing off."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "automation_quiets",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("history_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_automation_quiets")),
    )


def downgrade() -> None:
    op.drop_table("automation_quiets")
