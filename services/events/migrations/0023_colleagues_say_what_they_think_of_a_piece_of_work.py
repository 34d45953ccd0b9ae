"""colleagues say what they think of a piece of work."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feedback_request_counts",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("counted_upto", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_feedback_request_counts")),
    )
    op.create_table(
        "feedback_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("questions", JsonDocument, nullable=False),
        sa.Column("status", sa.String(length=6), nullable=False),
        sa.Column("closes_at", UTCDateTime(), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("(status = 'open') = (closed_at IS NULL)", name=op.f("ck_feedback_requests_closed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback_requests")),
    )
    with op.batch_alter_table("feedback_requests", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_feedback_requests_community_id_author_id_id"),
            ["community_id", "author_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_feedback_requests_community_id_created_at"), ["community_id", "created_at"], unique=False
        )

    op.create_table(
        "feedback_colleagues",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("answers", JsonDocument, nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("(answers IS NULL) = (answered_at IS NULL)", name=op.f("ck_feedback_colleagues_answered")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["feedback_requests.id"], name=op.f("fk_feedback_colleagues_request_id_feedback_requests")
        ),
        sa.PrimaryKeyConstraint("request_id", "member_id", name=op.f("pk_feedback_colleagues")),
    )
    with op.batch_alter_table("feedback_colleagues", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_feedback_colleagues_member_id_request_id"), ["member_id", "request_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("feedback_colleagues", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_colleagues_member_id_request_id"))

    op.drop_table("feedback_colleagues")
    with op.batch_alter_table("feedback_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_feedback_requests_community_id_created_at"))
        batch_op.drop_index(batch_op.f("ix_feedback_requests_community_id_author_id_id"))

    op.drop_table("feedback_requests")
    op.drop_table("feedback_request_counts")
