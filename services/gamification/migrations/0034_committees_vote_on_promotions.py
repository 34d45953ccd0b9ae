"""committees vote on promotions."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "promotion_committees",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("named_at", UTCDateTime(), nullable=False),
        sa.Column("named_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("community_id", "member_id", name=op.f("pk_promotion_committees")),
    )
    with op.batch_alter_table("promotion_committees", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_promotion_committees_member_id"), ["member_id"], unique=False)

    op.create_table(
        "promotion_nominations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("from_code", sa.String(length=32), nullable=False),
        sa.Column("from_position", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=32), nullable=False),
        sa.Column("to_position", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("nominated_at", UTCDateTime(), nullable=False),
        sa.Column("nominated_by", sa.String(length=64), nullable=False),
        sa.Column("in_favour", sa.Integer(), nullable=False),
        sa.Column("against", sa.Integer(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_because", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status IN ('nominated', 'granted', 'declined')", name=op.f("ck_promotion_nominations_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotion_nominations")),
    )
    with op.batch_alter_table("promotion_nominations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_promotion_nominations_community_id_nominated_at_id"),
            ["community_id", "nominated_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_promotion_nominations_open",
            ["member_id"],
            unique=True,
            postgresql_where=sa.text("status = 'nominated'"),
            sqlite_where=sa.text("status = 'nominated'"),
        )

    op.create_table(
        "promotion_votes",
        sa.Column("nomination_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("in_favour", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("voted_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["nomination_id"],
            ["promotion_nominations.id"],
            name=op.f("fk_promotion_votes_nomination_id_promotion_nominations"),
        ),
        sa.PrimaryKeyConstraint("nomination_id", "member_id", name=op.f("pk_promotion_votes")),
    )


def downgrade() -> None:
    op.drop_table("promotion_votes")
    with op.batch_alter_table("promotion_nominations", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_promotion_nominations_open",
            postgresql_where=sa.text("status = 'nominated'"),
            sqlite_where=sa.text("status = 'nominated'"),
        )
        batch_op.drop_index(batch_op.f("ix_promotion_nominations_community_id_nominated_at_id"))

    op.drop_table("promotion_nominations")
    with op.batch_alter_table("promotion_committees", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_promotion_committees_member_id"))

    op.drop_table("promotion_committees")
