"""members write articles."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(length=500), nullable=False),
        sa.Column("excerpt", sa.String(length=200), nullable=False),
        sa.Column("tags", JsonDocument, nullable=False),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("source", JsonDocument, nullable=True),
        sa.Column("author_ids", JsonDocument, nullable=False),
        sa.Column("worker_ids", JsonDocument, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("working", sa.String(length=16), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.Column("causes", JsonDocument, nullable=False),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
        sa.Column("reactions", JsonDocument, nullable=False),
        sa.Column("source_discussion_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("answered_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("dated_at", UTCDateTime(), nullable=False),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.Column("edited_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
    )
    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_articles_community_id_created_at_id"), ["community_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_articles_community_id_status_dated_at_id"),
            ["community_id", "status", "dated_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_articles_community_id_working_dated_at_id"),
            ["community_id", "working", "dated_at", "id"],
            unique=False,
        )

    op.create_table(
        "review_policies",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("experience_unreviewed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_review_policies")),
    )
    op.create_table(
        "article_authors",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_article_authors_article_id_articles")),
        sa.PrimaryKeyConstraint("article_id", "member_id", name=op.f("pk_article_authors")),
    )
    with op.batch_alter_table("article_authors", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_article_authors_member_id_article_id"), ["member_id", "article_id"], unique=False
        )

    op.create_table(
        "article_tags",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.String(length=30), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_article_tags_article_id_articles")),
        sa.PrimaryKeyConstraint("article_id", "tag", name=op.f("pk_article_tags")),
    )
    with op.batch_alter_table("article_tags", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_article_tags_community_id_tag_article_id"),
            ["community_id", "tag", "article_id"],
            unique=False,
        )

    op.create_table(
        "article_versions",
        sa.Column("article_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("summary", sa.String(length=500), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("body_html", sa.String(), nullable=False),
        sa.Column("excerpt", sa.String(length=200), nullable=False),
        sa.Column("tags", JsonDocument, nullable=False),
        sa.Column("visibility", sa.String(length=16), nullable=False),
        sa.Column("source", JsonDocument, nullable=True),
        sa.Column("author_ids", JsonDocument, nullable=False),
        sa.Column("editor_ids", JsonDocument, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("edited_by", sa.Uuid(), nullable=False),
        sa.Column("edited_at", UTCDateTime(), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", UTCDateTime(), nullable=True),
        sa.Column("returned_by", sa.Uuid(), nullable=True),
        sa.Column("returned_at", UTCDateTime(), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_article_versions_article_id_articles")),
        sa.PrimaryKeyConstraint("article_id", "number", name=op.f("pk_article_versions")),
    )
    with op.batch_alter_table("article_versions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_article_versions_state_submitted_at"), ["state", "submitted_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("article_versions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_article_versions_state_submitted_at"))

    op.drop_table("article_versions")
    with op.batch_alter_table("article_tags", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_article_tags_community_id_tag_article_id"))

    op.drop_table("article_tags")
    with op.batch_alter_table("article_authors", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_article_authors_member_id_article_id"))

    op.drop_table("article_authors")
    op.drop_table("review_policies")
    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_articles_community_id_working_dated_at_id"))
        batch_op.drop_index(batch_op.f("ix_articles_community_id_status_dated_at_id"))
        batch_op.drop_index(batch_op.f("ix_articles_community_id_created_at_id"))

    op.drop_table("articles")
