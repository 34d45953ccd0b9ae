"""Texts that lists of words hold wait for a moderator."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moderation_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("live_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", JsonDocument, nullable=False),
        sa.Column("text_before", JsonDocument, nullable=True),
        sa.Column("matches", JsonDocument, nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.Column("edited", JsonDocument, nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_items")),
        sa.UniqueConstraint("live_id", name=op.f("uq_moderation_items_live_id")),
    )
    with op.batch_alter_table("moderation_items", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_moderation_items_community_id_status_created_at_id"),
            ["community_id", "status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_moderation_items_decided_at"), ["decided_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_moderation_items_object_id_created_at"), ["object_id", "created_at"], unique=False
        )

    op.create_table(
        "moderation_told",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_moderation_told")),
    )
    op.create_table(
        "scan_rules",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("links", sa.String(length=16), nullable=False),
        sa.Column("domains", JsonDocument, nullable=False),
        sa.Column("advertising", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_scan_rules")),
    )
    op.create_table(
        "word_lists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("word_count", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_word_lists")),
        sa.UniqueConstraint("community_id", "name", name=op.f("uq_word_lists_community_id_name")),
    )
    op.create_table(
        "content_reports",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["moderation_items.id"], name=op.f("fk_content_reports_item_id_moderation_items")
        ),
        sa.PrimaryKeyConstraint("item_id", "member_id", name=op.f("pk_content_reports")),
    )
    op.create_table(
        "listed_words",
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["list_id"], ["word_lists.id"], name=op.f("fk_listed_words_list_id_word_lists")),
        sa.PrimaryKeyConstraint("list_id", "key", name=op.f("pk_listed_words")),
    )
    with op.batch_alter_table("discussion_texts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("waiting", JsonDocument, nullable=True))

    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.add_column(sa.Column("waiting", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.drop_column("waiting")

    with op.batch_alter_table("discussion_texts", schema=None) as batch_op:
        batch_op.drop_column("waiting")

    op.drop_table("listed_words")
    op.drop_table("content_reports")
    op.drop_table("word_lists")
    op.drop_table("scan_rules")
    op.drop_table("moderation_told")
    with op.batch_alter_table("moderation_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_moderation_items_object_id_created_at"))
        batch_op.drop_index(batch_op.f("ix_moderation_items_decided_at"))
        batch_op.drop_index(batch_op.f("ix_moderation_items_community_id_status_created_at_id"))

    op.drop_table("moderation_items")
