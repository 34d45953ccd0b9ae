"""answers are kept."""

import sqlalchemy as sa
from alembic import op

from chassis.database.types import JsonDocument

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_answers",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("grain", sa.String(length=8), nullable=False),
        sa.Column("group_by", sa.String(length=16), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("readings", JsonDocument, nullable=False),
        sa.PrimaryKeyConstraint(
            "community_id", "code", "version", "grain", "group_by", "staff", "starts_on", name=op.f("pk_kept_answers")
        ),
    )
    with op.batch_alter_table("kept_answers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_kept_answers_community_id_ends_on"), ["community_id", "ends_on"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("kept_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_answers_community_id_ends_on"))

    op.drop_table("kept_answers")
