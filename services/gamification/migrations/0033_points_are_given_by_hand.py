"""points are given by hand."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "award_budgets",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("per_person", sa.Integer(), nullable=False),
        sa.Column("together", sa.Integer(), nullable=True),
        sa.CheckConstraint("per_person >= 0", name=op.f("ck_award_budgets_per_person")),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_award_budgets")),
    )
    op.create_table(
        "awards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("proposer_id", sa.Uuid(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("citation", sa.String(), nullable=True),
        sa.Column("citation_public", sa.Boolean(), nullable=True),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("refusal", sa.String(), nullable=True),
        sa.CheckConstraint("(status = 'pending') = (decided_at IS NULL)", name=op.f("ck_awards_decided")),
        sa.CheckConstraint("status IN ('pending', 'given', 'refused')", name=op.f("ck_awards_status")),
        sa.CheckConstraint("points > 0", name=op.f("ck_awards_points")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_awards")),
    )
    with op.batch_alter_table("awards", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_awards_community_id_created_at_id"), ["community_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_awards_community_id_month"), ["community_id", "month"], unique=False)
        batch_op.create_index(batch_op.f("ix_awards_member_id_created_at"), ["member_id", "created_at"], unique=False)
        batch_op.create_index(
            "ix_awards_pending",
            ["community_id", "created_at"],
            unique=False,
            postgresql_where=sa.text("status = 'pending'"),
            sqlite_where=sa.text("status = 'pending'"),
        )
        batch_op.create_index(batch_op.f("ix_awards_proposer_id_month"), ["proposer_id", "month"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("awards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_awards_proposer_id_month"))
        batch_op.drop_index(
            "ix_awards_pending",
            postgresql_where=sa.text("status = 'pending'"),
            sqlite_where=sa.text("status = 'pending'"),
        )
        batch_op.drop_index(batch_op.f("ix_awards_member_id_created_at"))
        batch_op.drop_index(batch_op.f("ix_awards_community_id_month"))
        batch_op.drop_index(batch_op.f("ix_awards_community_id_created_at_id"))

    op.drop_table("awards")
    op.drop_table("award_budgets")
