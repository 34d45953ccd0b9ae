"""activities have materials."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment_links",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("attachment_id", "object_id", name=op.f("pk_attachment_links")),
    )
    with op.batch_alter_table("attachment_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_links_object_id"), ["object_id"], unique=False)

    op.create_table(
        "recording_consents",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("who", sa.Uuid(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("said_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_recording_consents_activity_id_activities")
        ),
        sa.PrimaryKeyConstraint("activity_id", "who", name=op.f("pk_recording_consents")),
    )
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("summary", sa.String(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("materials", JsonDocument, server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("recording", JsonDocument, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_column("recording")
        batch_op.drop_column("materials")
        batch_op.drop_column("summary")

    op.drop_table("recording_consents")
    with op.batch_alter_table("attachment_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_links_object_id"))

    op.drop_table("attachment_links")
