"""sharing sessions leave drafts."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "session_speakers",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("speaks", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("activity_id", "member_id", name=op.f("pk_session_speakers")),
    )
    op.create_table(
        "held_sessions",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("organiser_ids", JsonDocument, nullable=False),
        sa.Column("author_ids", JsonDocument, nullable=False),
        sa.Column("article_id", sa.Uuid(), nullable=True),
        sa.Column("completed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name=op.f("fk_held_sessions_article_id_articles")),
        sa.PrimaryKeyConstraint("activity_id", name=op.f("pk_held_sessions")),
    )
    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source_activity_id", sa.Uuid(), nullable=True))
        batch_op.create_index(
            "uq_articles_source_activity_id",
            ["source_activity_id"],
            unique=True,
            postgresql_where=sa.text("source_activity_id IS NOT NULL"),
            sqlite_where=sa.text("source_activity_id IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_articles_source_activity_id",
            postgresql_where=sa.text("source_activity_id IS NOT NULL"),
            sqlite_where=sa.text("source_activity_id IS NOT NULL"),
        )
        batch_op.drop_column("source_activity_id")

    op.drop_table("held_sessions")
    op.drop_table("session_speakers")
