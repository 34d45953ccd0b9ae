"""applicants are interviewed and approved."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "absences",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("deputy_id", sa.Uuid(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("said_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("person_id <> deputy_id", name=op.f("ck_absences_deputy")),
        sa.CheckConstraint("since < until", name=op.f("ck_absences_times")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_absences")),
    )
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absences_deputy_id"), ["deputy_id"], unique=False)

    op.create_table(
        "interviewer_lines",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_interviewer_lines")),
    )
    op.create_table(
        "campaign_interviewers",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("named_by", sa.String(length=64), nullable=False),
        sa.Column("named_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_interviewers_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "person_id", name=op.f("pk_campaign_interviewers")),
    )
    with op.batch_alter_table("campaign_interviewers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_interviewers_person_id"), ["person_id"], unique=False)

    op.create_table(
        "application_approvals",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("approver_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("passed_at", UTCDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("outcome IN ('approved', 'refused')", name=op.f("ck_application_approvals_outcome")),
        sa.CheckConstraint("(outcome IS NULL) = (decided_at IS NULL)", name=op.f("ck_application_approvals_decided")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_application_approvals_application_id_applications")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_application_approvals_community_id_communities")
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_application_approvals")),
    )
    with op.batch_alter_table("application_approvals", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_application_approvals_approver_id_due_at"), ["approver_id", "due_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_application_approvals_community_id_due_at"), ["community_id", "due_at"], unique=False
        )

    op.create_table(
        "declared_conflicts",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("declared_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_declared_conflicts_application_id_applications")
        ),
        sa.PrimaryKeyConstraint("application_id", "person_id", name=op.f("pk_declared_conflicts")),
    )
    with op.batch_alter_table("declared_conflicts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_declared_conflicts_person_id"), ["person_id"], unique=False)

    op.create_table(
        "interviews",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("for_application_id", sa.Uuid(), nullable=True),
        sa.Column("application_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("chosen_at", UTCDateTime(), nullable=True),
        sa.Column("missed_at", UTCDateTime(), nullable=True),
        sa.Column("cancelled_at", UTCDateTime(), nullable=True),
        sa.Column("cancel_reason", sa.String(length=1000), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint("status <> 'chosen' OR application_id IS NOT NULL", name=op.f("ck_interviews_chosen")),
        sa.CheckConstraint("status IN ('offered', 'chosen', 'cancelled')", name=op.f("ck_interviews_status")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_interviews_times")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_interviews_application_id_applications")
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_interviews_campaign_id_campaigns")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_interviews_community_id_communities")
        ),
        sa.ForeignKeyConstraint(
            ["for_application_id"], ["applications.id"], name=op.f("fk_interviews_for_application_id_applications")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interviews")),
    )
    with op.batch_alter_table("interviews", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_interviews_application_id_starts_at_id"), ["application_id", "starts_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_interviews_campaign_id_starts_at_id"), ["campaign_id", "starts_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_interviews_community_id_starts_at_id"), ["community_id", "starts_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_interviews_for_application_id"), ["for_application_id"], unique=False)

    op.create_table(
        "scorecards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("scores", JsonDocument, nullable=False),
        sa.Column("notes", JsonDocument, nullable=False),
        sa.Column("comment", sa.String(length=4000), nullable=True),
        sa.Column("handed_in_at", UTCDateTime(), nullable=True),
        sa.Column("cancelled_at", UTCDateTime(), nullable=True),
        sa.Column("cancelled_by", sa.String(length=64), nullable=True),
        sa.Column("cancel_reason", sa.String(length=1000), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("(status = 'draft') = (handed_in_at IS NULL)", name=op.f("ck_scorecards_handed_in")),
        sa.CheckConstraint("status IN ('draft', 'handed_in', 'cancelled')", name=op.f("ck_scorecards_status")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["applications.id"], name=op.f("fk_scorecards_application_id_applications")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_scorecards_community_id_communities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecards")),
        sa.UniqueConstraint("application_id", "person_id", name=op.f("uq_scorecards_application_id_person_id")),
    )
    with op.batch_alter_table("scorecards", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scorecards_person_id"), ["person_id"], unique=False)

    op.create_table(
        "interview_interviewers",
        sa.Column("interview_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interviews.id"], name=op.f("fk_interview_interviewers_interview_id_interviews")
        ),
        sa.PrimaryKeyConstraint("interview_id", "person_id", name=op.f("pk_interview_interviewers")),
    )
    with op.batch_alter_table("interview_interviewers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interview_interviewers_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("interview_interviewers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interview_interviewers_person_id"))

    op.drop_table("interview_interviewers")
    with op.batch_alter_table("scorecards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scorecards_person_id"))

    op.drop_table("scorecards")
    with op.batch_alter_table("interviews", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_interviews_for_application_id"))
        batch_op.drop_index(batch_op.f("ix_interviews_community_id_starts_at_id"))
        batch_op.drop_index(batch_op.f("ix_interviews_campaign_id_starts_at_id"))
        batch_op.drop_index(batch_op.f("ix_interviews_application_id_starts_at_id"))

    op.drop_table("interviews")
    with op.batch_alter_table("declared_conflicts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_declared_conflicts_person_id"))

    op.drop_table("declared_conflicts")
    with op.batch_alter_table("application_approvals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_application_approvals_community_id_due_at"))
        batch_op.drop_index(batch_op.f("ix_application_approvals_approver_id_due_at"))

    op.drop_table("application_approvals")
    with op.batch_alter_table("campaign_interviewers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_interviewers_person_id"))

    op.drop_table("campaign_interviewers")
    op.drop_table("interviewer_lines")
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_absences_deputy_id"))

    op.drop_table("absences")
