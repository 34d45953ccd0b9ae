"""members propose activities."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_proposals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("proposer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("wishes", sa.String(length=1000), nullable=False),
        sa.Column("tags", JsonDocument, nullable=False),
        sa.Column("hours", sa.Float(), nullable=True),
        sa.Column("speaks", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("activity_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(status = 'accepted') = (activity_id IS NOT NULL)", name=op.f("ck_activity_proposals_accepted")
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_activity_proposals_activity_id_activities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_proposals")),
    )
    with op.batch_alter_table("activity_proposals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_proposals_activity_id"), ["activity_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_activity_proposals_community_id_status_created_at_id"),
            ["community_id", "status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_activity_proposals_proposer_id_created_at"), ["proposer_id", "created_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("activity_proposals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_proposals_proposer_id_created_at"))
        batch_op.drop_index(batch_op.f("ix_activity_proposals_community_id_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_activity_proposals_activity_id"))

    op.drop_table("activity_proposals")
