"""applicants take tests."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "frozen_papers",
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("document", JsonDocument, nullable=False),
        sa.Column("attachments", JsonDocument, nullable=False),
        sa.Column("fetched_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_frozen_papers_community_id_communities")
        ),
        sa.PrimaryKeyConstraint("paper_id", "version", name=op.f("pk_frozen_papers")),
    )
    op.create_table(
        "test_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("paper_version", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("moved", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=True),
        sa.Column("handed_in_at", UTCDateTime(), nullable=True),
        sa.Column("handed_in_by", sa.String(length=16), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("full", sa.Integer(), nullable=True),
        sa.Column("ungraded", sa.Integer(), nullable=False),
        sa.CheckConstraint("handed_in_by IN ('applicant', 'clock', 'end')", name=op.f("ck_test_attempts_handed_in_by")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_test_attempts_application_id_applications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_attempts")),
        sa.UniqueConstraint("application_id", "number", name=op.f("uq_test_attempts_application_id_number")),
    )
    with op.batch_alter_table("test_attempts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_test_attempts_campaign_id_started_at_id"), ["campaign_id", "started_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_test_attempts_community_id_ungraded"), ["community_id", "ungraded"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_test_attempts_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            "uq_test_attempts_one_live",
            ["application_id"],
            unique=True,
            postgresql_where=sa.text("handed_in_at IS NULL"),
            sqlite_where=sa.text("handed_in_at IS NULL"),
        )

    op.create_table(
        "test_answers",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.String(length=64), nullable=False),
        sa.Column("answer", JsonDocument, nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=True),
        sa.Column("marked_by", sa.String(length=64), nullable=True),
        sa.Column("marked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["test_attempts.id"], name=op.f("fk_test_answers_attempt_id_test_attempts")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "question_id", name=op.f("pk_test_answers")),
    )
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("test_attempts", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("test_attempt_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("test_extra_minutes", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("test_result", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("test_score", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("test_full", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_applications_test_result"), "test_result IN ('passed', 'failed')"
        )

    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.add_column(sa.Column("test", JsonDocument, nullable=True))
        batch_op.add_column(sa.Column("paper_state", sa.String(length=16), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_campaigns_paper_state"), "paper_state IN ('fetching', 'there', 'refused')"
        )


def downgrade() -> None:
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_campaigns_paper_state"), type_="check")
        batch_op.drop_column("paper_state")
        batch_op.drop_column("test")

    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_applications_test_result"), type_="check")
        batch_op.drop_column("test_full")
        batch_op.drop_column("test_score")
        batch_op.drop_column("test_result")
        batch_op.drop_column("test_extra_minutes")
        batch_op.drop_column("test_attempt_id")
        batch_op.drop_column("test_attempts")

    op.drop_table("test_answers")
    with op.batch_alter_table("test_attempts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_test_attempts_one_live",
            postgresql_where=sa.text("handed_in_at IS NULL"),
            sqlite_where=sa.text("handed_in_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_test_attempts_person_id"))
        batch_op.drop_index(batch_op.f("ix_test_attempts_community_id_ungraded"))
        batch_op.drop_index(batch_op.f("ix_test_attempts_campaign_id_started_at_id"))

    op.drop_table("test_attempts")
    op.drop_table("frozen_papers")
