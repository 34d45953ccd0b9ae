"""conduct has cases."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("object_kind", sa.String(length=40), nullable=True),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("deed_at", UTCDateTime(), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("reported_at", UTCDateTime(), nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("reports_weight", sa.Integer(), nullable=False),
        sa.Column("content_reports", sa.Integer(), nullable=False),
        sa.Column("found", sa.Boolean(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("for_reviewer", sa.Boolean(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("claimed_by_id", sa.Uuid(), nullable=True),
        sa.Column("claimed_at", UTCDateTime(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=True),
        sa.Column("rule_code", sa.String(length=40), nullable=True),
        sa.Column("rule_version", sa.Integer(), nullable=True),
        sa.Column("penalty_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "category IN ('speech', 'etiquette', 'learning', 'advertising', 'other')", name=op.f("ck_cases_category")
        ),
        sa.CheckConstraint("status IN ('open', 'claimed', 'confirmed', 'dismissed')", name=op.f("ck_cases_status")),
        sa.CheckConstraint("(object_kind IS NULL) = (object_id IS NULL)", name=op.f("ck_cases_object")),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name=op.f("fk_cases_community_id_communities")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_cases_community_id_opened_at_id"), ["community_id", "opened_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_cases_community_id_status_weight_id"),
            ["community_id", "status", "weight", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_cases_reviewer_id"), ["reviewer_id"], unique=False)
        batch_op.create_index(
            "uq_cases_of_a_thing",
            ["community_id", "member_id", "object_kind", "object_id"],
            unique=True,
            postgresql_where=sa.text("object_id IS NOT NULL"),
            sqlite_where=sa.text("object_id IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_cases_of_nothing",
            ["member_id"],
            unique=True,
            postgresql_where=sa.text("object_id IS NULL AND status IN ('open', 'claimed')"),
            sqlite_where=sa.text("object_id IS NULL AND status IN ('open', 'claimed')"),
        )

    op.create_table(
        "conduct_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("object_kind", sa.String(length=40), nullable=True),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("words", sa.String(length=2000), nullable=True),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("reported_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("outcome IN ('confirmed', 'dismissed')", name=op.f("ck_conduct_reports_outcome")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_conduct_reports_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_conduct_reports_community_id_communities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conduct_reports")),
        sa.UniqueConstraint("case_id", "reporter_id", name=op.f("uq_conduct_reports_case_id_reporter_id")),
    )
    with op.batch_alter_table("conduct_reports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_conduct_reports_reporter_id_reported_at"), ["reporter_id", "reported_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("conduct_reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_conduct_reports_reporter_id_reported_at"))

    op.drop_table("conduct_reports")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_cases_of_nothing",
            postgresql_where=sa.text("object_id IS NULL AND status IN ('open', 'claimed')"),
            sqlite_where=sa.text("object_id IS NULL AND status IN ('open', 'claimed')"),
        )
        batch_op.drop_index(
            "uq_cases_of_a_thing",
            postgresql_where=sa.text("object_id IS NOT NULL"),
            sqlite_where=sa.text("object_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_cases_reviewer_id"))
        batch_op.drop_index(batch_op.f("ix_cases_community_id_status_weight_id"))
        batch_op.drop_index(batch_op.f("ix_cases_community_id_opened_at_id"))

    op.drop_table("cases")
