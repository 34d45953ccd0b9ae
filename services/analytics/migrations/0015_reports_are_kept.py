"""reports are kept."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_books",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_report_books")),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("slot", sa.String(length=48), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("compared_from", sa.Date(), nullable=True),
        sa.Column("compared_to", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("failure", sa.String(length=40), nullable=True),
        sa.Column("as_of", UTCDateTime(), nullable=True),
        sa.Column("requested_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("(status = 'making') = (finished_at IS NULL)", name=op.f("ck_reports_finished")),
        sa.CheckConstraint("(compared_from IS NULL) = (compared_to IS NULL)", name=op.f("ck_reports_compared")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_reports_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("community_id", "slot", name=op.f("uq_reports_community_id_slot")),
    )
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reports_community_id_created_at_id"), ["community_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_reports_status_created_at"), ["status", "created_at"], unique=False)

    op.create_table(
        "report_files",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("form", sa.String(length=4), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.CheckConstraint("form IN ('html', 'pdf')", name=op.f("ck_report_files_form")),
        sa.CheckConstraint("locale IN ('en', 'zh-CN')", name=op.f("ck_report_files_locale")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_report_files_report_id_reports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("report_id", "locale", "form", name=op.f("pk_report_files")),
    )


def downgrade() -> None:
    op.drop_table("report_files")
    with op.batch_alter_table("reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reports_status_created_at"))
        batch_op.drop_index(batch_op.f("ix_reports_community_id_created_at_id"))

    op.drop_table("reports")
    op.drop_table("report_books")
