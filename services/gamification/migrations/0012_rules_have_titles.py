"""A community names its earning rules."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "earning_rule_titles",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("title_en", sa.String(length=100), nullable=True),
        sa.Column("title_zh", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("community_id", "code", name=op.f("pk_earning_rule_titles")),
    )


def downgrade() -> None:
    op.drop_table("earning_rule_titles")
