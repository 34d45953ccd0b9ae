"""members send files."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment_limits",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("largest", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_attachment_limits")),
    )
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("declared_type", sa.String(length=127), nullable=False),
        sa.Column("media_type", sa.String(length=127), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("refused", sa.String(length=32), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("sizes", JsonDocument, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("unlinked_at", UTCDateTime(), nullable=True),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
        sa.Column("purge_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('uploading', 'processing', 'ready', 'refused')", name=op.f("ck_attachments_status")
        ),
        sa.CheckConstraint("received >= 0 AND received <= size", name=op.f("ck_attachments_received")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachments_person_id_status"), ["person_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachments_purge_at"), ["purge_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachments_unlinked_at"), ["unlinked_at"], unique=False)

    op.create_table(
        "attachment_links",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("object_kind", sa.String(length=16), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachments.id"], name=op.f("fk_attachment_links_attachment_id_attachments")
        ),
        sa.PrimaryKeyConstraint("attachment_id", "object_id", name=op.f("pk_attachment_links")),
    )
    with op.batch_alter_table("attachment_links", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_attachment_links_object_id_attachment_id"), ["object_id", "attachment_id"], unique=False
        )

    op.create_table(
        "attachment_parts",
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("begin", sa.BigInteger(), nullable=False),
        sa.Column("object_name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachments.id"], name=op.f("fk_attachment_parts_attachment_id_attachments")
        ),
        sa.PrimaryKeyConstraint("attachment_id", "begin", name=op.f("pk_attachment_parts")),
    )


def downgrade() -> None:
    op.drop_table("attachment_parts")
    with op.batch_alter_table("attachment_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachment_links_object_id_attachment_id"))

    op.drop_table("attachment_links")
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attachments_unlinked_at"))
        batch_op.drop_index(batch_op.f("ix_attachments_purge_at"))
        batch_op.drop_index(batch_op.f("ix_attachments_person_id_status"))

    op.drop_table("attachments")
    op.drop_table("attachment_limits")
