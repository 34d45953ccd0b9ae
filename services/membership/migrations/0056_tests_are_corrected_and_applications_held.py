"""tests are corrected and applications held."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "test_regrades",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("paper_version", sa.Integer(), nullable=False),
        sa.Column("before_version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("refusals", JsonDocument, nullable=False),
        sa.Column("corrected", JsonDocument, nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("passes", sa.Integer(), nullable=False),
        sa.Column("fails", sa.Integer(), nullable=False),
        sa.Column("returns", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("upto", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "status IN ('fetching', 'trying', 'tried', 'grading', 'graded', 'dropped', 'refused')",
            name=op.f("ck_test_regrades_status"),
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_test_regrades_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_test_regrades")),
    )
    with op.batch_alter_table("test_regrades", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_test_regrades_campaign_id_id"), ["campaign_id", "id"], unique=False)
        batch_op.create_index(
            "uq_test_regrades_one",
            ["campaign_id"],
            unique=True,
            postgresql_where=sa.text("status IN ('fetching', 'trying', 'tried', 'grading')"),
            sqlite_where=sa.text("status IN ('fetching', 'trying', 'tried', 'grading')"),
        )

    op.create_table(
        "test_regrade_lines",
        sa.Column("regrade_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("score_before", sa.Integer(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("result_before", sa.String(length=16), nullable=True),
        sa.Column("result", sa.String(length=16), nullable=True),
        sa.Column("returns", sa.Boolean(), nullable=False),
        sa.Column("stays", sa.String(length=24), nullable=True),
        sa.ForeignKeyConstraint(
            ["regrade_id"], ["test_regrades.id"], name=op.f("fk_test_regrade_lines_regrade_id_test_regrades")
        ),
        sa.PrimaryKeyConstraint("regrade_id", "application_id", name=op.f("pk_test_regrade_lines")),
    )
    with op.batch_alter_table("test_regrade_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_test_regrade_lines_application_id"), ["application_id"], unique=False)

    op.create_table(
        "application_holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=600), nullable=False),
        sa.Column("held_by", sa.String(length=64), nullable=False),
        sa.Column("held_at", UTCDateTime(), nullable=False),
        sa.Column("lift_reason", sa.String(length=600), nullable=True),
        sa.Column("lifted_by", sa.String(length=64), nullable=True),
        sa.Column("lifted_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_application_holds_application_id_applications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_holds")),
    )
    with op.batch_alter_table("application_holds", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_application_holds_application_id_id"), ["application_id", "id"], unique=False
        )
        batch_op.create_index(
            "uq_application_holds_one",
            ["application_id"],
            unique=True,
            postgresql_where=sa.text("lifted_at IS NULL"),
            sqlite_where=sa.text("lifted_at IS NULL"),
        )

    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held_since", UTCDateTime(), nullable=True))
        batch_op.create_index(batch_op.f("ix_applications_campaign_id_id"), ["campaign_id", "id"], unique=False)

    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.add_column(sa.Column("test_graded_version", sa.Integer(), nullable=True))

    with op.batch_alter_table("test_attempts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("graded_version", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("test_attempts", schema=None) as batch_op:
        batch_op.drop_column("graded_version")

    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.drop_column("test_graded_version")

    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_applications_campaign_id_id"))
        batch_op.drop_column("held_since")

    with op.batch_alter_table("application_holds", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_application_holds_one",
            postgresql_where=sa.text("lifted_at IS NULL"),
            sqlite_where=sa.text("lifted_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_application_holds_application_id_id"))

    op.drop_table("application_holds")
    with op.batch_alter_table("test_regrade_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_test_regrade_lines_application_id"))

    op.drop_table("test_regrade_lines")
    with op.batch_alter_table("test_regrades", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_test_regrades_one",
            postgresql_where=sa.text("status IN ('fetching', 'trying', 'tried', 'grading')"),
            sqlite_where=sa.text("status IN ('fetching', 'trying', 'tried', 'grading')"),
        )
        batch_op.drop_index(batch_op.f("ix_test_regrades_campaign_id_id"))

    op.drop_table("test_regrades")
