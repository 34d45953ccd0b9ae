"""certifications are asked again."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("title_zh", sa.String(length=100), nullable=False),
        sa.Column("title_en", sa.String(length=100), nullable=False),
        sa.Column("requires", JsonDocument, nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("first_due_days", sa.Integer(), nullable=False),
        sa.Column("valid_months", sa.Integer(), nullable=True),
        sa.Column("window_opens", sa.String(length=5), nullable=True),
        sa.Column("window_closes", sa.String(length=5), nullable=True),
        sa.Column("renewal_opens_days", sa.Integer(), nullable=False),
        sa.Column("department_codes", JsonDocument, nullable=False),
        sa.Column("job_grades", JsonDocument, nullable=False),
        sa.Column("template_id", sa.Uuid(), nullable=True),
        sa.Column("archived_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["certificate_templates.id"],
            name=op.f("fk_certifications_template_id_certificate_templates"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certifications")),
        sa.UniqueConstraint("community_id", "title_zh", name=op.f("uq_certifications_community_id_title_zh")),
    )
    with op.batch_alter_table("certifications", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certifications_community_id_created_at_id"),
            ["community_id", "created_at", "id"],
            unique=False,
        )

    op.create_table(
        "certification_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("certification_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("opens_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("completed_at", UTCDateTime(), nullable=True),
        sa.Column("valid_until", UTCDateTime(), nullable=True),
        sa.Column("tell_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["certification_id"],
            ["certifications.id"],
            name=op.f("fk_certification_runs_certification_id_certifications"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_runs")),
        sa.UniqueConstraint(
            "certification_id",
            "member_id",
            "number",
            name=op.f("uq_certification_runs_certification_id_member_id_number"),
        ),
    )
    with op.batch_alter_table("certification_runs", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_runs_certification_id_completed_at_due_at_id"),
            ["certification_id", "completed_at", "due_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_certification_runs_member_id_completed_at"), ["member_id", "completed_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certification_runs_community_id_due_at_id"), ["community_id", "due_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_certification_runs_tell_at"), ["tell_at"], unique=False)

    op.create_table(
        "certification_evidence",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("requirement", sa.Integer(), nullable=False),
        sa.Column("attendance_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["certification_runs.id"], name=op.f("fk_certification_evidence_run_id_certification_runs")
        ),
        sa.PrimaryKeyConstraint("run_id", "requirement", name=op.f("pk_certification_evidence")),
    )
    with op.batch_alter_table("certification_evidence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certification_evidence_attendance_id"), ["attendance_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("certification_evidence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_evidence_attendance_id"))

    op.drop_table("certification_evidence")
    with op.batch_alter_table("certification_runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_runs_tell_at"))
        batch_op.drop_index(batch_op.f("ix_certification_runs_community_id_due_at_id"))
        batch_op.drop_index(batch_op.f("ix_certification_runs_member_id_completed_at"))
        batch_op.drop_index(batch_op.f("ix_certification_runs_certification_id_completed_at_due_at_id"))

    op.drop_table("certification_runs")
    with op.batch_alter_table("certifications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certifications_community_id_created_at_id"))

    op.drop_table("certifications")
