"""members discuss."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deeds",
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("aspect", sa.String(length=16), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("data", JsonDocument, nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "aspect", name=op.f("pk_deeds")),
    )
    with op.batch_alter_table("deeds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deeds_told_at"), ["told_at"], unique=False)

    op.create_table(
        "discussions",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("excerpt", sa.String(length=200), nullable=False),
        sa.Column("tags", JsonDocument, nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("causes", JsonDocument, nullable=False),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
        sa.Column("seen_since", UTCDateTime(), nullable=False),
        sa.Column("pinned_until", UTCDateTime(), nullable=True),
        sa.Column("reply_count", sa.Integer(), nullable=False),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.Column("last_position", sa.Integer(), nullable=False),
        sa.Column("first_other_at", UTCDateTime(), nullable=True),
        sa.Column("last_reply_by_id", sa.Uuid(), nullable=True),
        sa.Column("last_reply_at", UTCDateTime(), nullable=True),
        sa.Column("last_activity_at", UTCDateTime(), nullable=False),
        sa.Column("accepted_reply_id", sa.Uuid(), nullable=True),
        sa.Column("answer_due_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("edited_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "reply_count >= 0 AND others >= 0 AND others <= reply_count", name=op.f("ck_discussions_counts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discussions")),
    )
    with op.batch_alter_table("discussions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_discussions_author_id_created_at"), ["author_id", "created_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_discussions_community_id_created_at_id"), ["community_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_discussions_community_id_last_activity_at_id"),
            ["community_id", "last_activity_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_discussions_community_id_reply_count_id"),
            ["community_id", "reply_count", "id"],
            unique=False,
        )

    op.create_table(
        "discussion_tags",
        sa.Column("discussion_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.String(length=30), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["discussion_id"], ["discussions.id"], name=op.f("fk_discussion_tags_discussion_id_discussions")
        ),
        sa.PrimaryKeyConstraint("discussion_id", "tag", name=op.f("pk_discussion_tags")),
    )
    with op.batch_alter_table("discussion_tags", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_discussion_tags_community_id_tag_discussion_id"),
            ["community_id", "tag", "discussion_id"],
            unique=False,
        )

    op.create_table(
        "discussion_texts",
        sa.Column("discussion_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("body_html", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["discussion_id"], ["discussions.id"], name=op.f("fk_discussion_texts_discussion_id_discussions")
        ),
        sa.PrimaryKeyConstraint("discussion_id", name=op.f("pk_discussion_texts")),
    )
    op.create_table(
        "replies",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("discussion_id", sa.Uuid(), nullable=False),
        sa.Column("parent_reply_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("body_html", sa.String(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("comment_count", sa.Integer(), nullable=False),
        sa.Column("causes", JsonDocument, nullable=False),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
        sa.Column("with_discussion", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("edited_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("kind = 'comment' OR parent_reply_id IS NULL", name=op.f("ck_replies_parent")),
        sa.CheckConstraint("comment_count >= 0", name=op.f("ck_replies_comments")),
        sa.ForeignKeyConstraint(
            ["discussion_id"], ["discussions.id"], name=op.f("fk_replies_discussion_id_discussions")
        ),
        sa.ForeignKeyConstraint(["parent_reply_id"], ["replies.id"], name=op.f("fk_replies_parent_reply_id_replies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("discussion_id", "position", name=op.f("uq_replies_discussion_id_position")),
    )
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_replies_author_id"), ["author_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_replies_discussion_id_author_id_digest"),
            ["discussion_id", "author_id", "digest"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_replies_discussion_id_parent_reply_id_position"),
            ["discussion_id", "parent_reply_id", "position"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_replies_parent_reply_id_position"), ["parent_reply_id", "position"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_replies_parent_reply_id_position"))
        batch_op.drop_index(batch_op.f("ix_replies_discussion_id_parent_reply_id_position"))
        batch_op.drop_index(batch_op.f("ix_replies_discussion_id_author_id_digest"))
        batch_op.drop_index(batch_op.f("ix_replies_author_id"))

    op.drop_table("replies")
    op.drop_table("discussion_texts")
    with op.batch_alter_table("discussion_tags", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_discussion_tags_community_id_tag_discussion_id"))

    op.drop_table("discussion_tags")
    with op.batch_alter_table("discussions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_discussions_community_id_reply_count_id"))
        batch_op.drop_index(batch_op.f("ix_discussions_community_id_last_activity_at_id"))
        batch_op.drop_index(batch_op.f("ix_discussions_community_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_discussions_author_id_created_at"))

    op.drop_table("discussions")
    with op.batch_alter_table("deeds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deeds_told_at"))

    op.drop_table("deeds")
