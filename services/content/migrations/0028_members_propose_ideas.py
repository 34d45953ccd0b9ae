"""members propose ideas."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ideas",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("excerpt", sa.String(length=200), nullable=False),
        sa.Column("resources", sa.String(length=1000), nullable=False),
        sa.Column("tags", JsonDocument, nullable=False),
        sa.Column("mentions", JsonDocument, nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("causes", JsonDocument, nullable=False),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("answer_due_at", UTCDateTime(), nullable=True),
        sa.Column("sponsor_id", sa.Uuid(), nullable=True),
        sa.Column("outcome_text", sa.String(length=2000), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("edited_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("(status = 'duplicate') = (merged_into_id IS NOT NULL)", name=op.f("ck_ideas_merged")),
        sa.CheckConstraint("votes >= 0", name=op.f("ck_ideas_votes")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["ideas.id"], name=op.f("fk_ideas_merged_into_id_ideas")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ideas")),
    )
    with op.batch_alter_table("ideas", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ideas_author_id_created_at"), ["author_id", "created_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_ideas_community_id_created_at_id"), ["community_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_ideas_community_id_votes_id"), ["community_id", "votes", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_ideas_merged_into_id"), ["merged_into_id"], unique=False)

    op.create_table(
        "idea_tags",
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.String(length=30), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["ideas.id"], name=op.f("fk_idea_tags_idea_id_ideas")),
        sa.PrimaryKeyConstraint("idea_id", "tag", name=op.f("pk_idea_tags")),
    )
    with op.batch_alter_table("idea_tags", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_idea_tags_community_id_tag_idea_id"), ["community_id", "tag", "idea_id"], unique=False
        )

    op.create_table(
        "idea_texts",
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("body_html", sa.String(), nullable=False),
        sa.Column("waiting", JsonDocument, nullable=True),
        sa.ForeignKeyConstraint(["idea_id"], ["ideas.id"], name=op.f("fk_idea_texts_idea_id_ideas")),
        sa.PrimaryKeyConstraint("idea_id", name=op.f("pk_idea_texts")),
    )
    op.create_table(
        "idea_votes",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("voted_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["ideas.id"], name=op.f("fk_idea_votes_idea_id_ideas")),
        sa.PrimaryKeyConstraint("idea_id", "member_id", name=op.f("pk_idea_votes")),
    )
    with op.batch_alter_table("idea_votes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idea_votes_member_id_idea_id"), ["member_id", "idea_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("idea_votes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idea_votes_member_id_idea_id"))

    op.drop_table("idea_votes")
    op.drop_table("idea_texts")
    with op.batch_alter_table("idea_tags", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idea_tags_community_id_tag_idea_id"))

    op.drop_table("idea_tags")
    with op.batch_alter_table("ideas", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ideas_merged_into_id"))
        batch_op.drop_index(batch_op.f("ix_ideas_community_id_votes_id"))
        batch_op.drop_index(batch_op.f("ix_ideas_community_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_ideas_author_id_created_at"))

    op.drop_table("ideas")
