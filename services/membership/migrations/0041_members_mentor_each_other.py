"""members mentor each other."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mentor_capacities",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.CheckConstraint("capacity BETWEEN 0 AND 10", name=op.f("ck_mentor_capacities_capacity")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_mentor_capacities_community_id_communities")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_mentor_capacities_member_id_members")),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_mentor_capacities")),
    )
    op.create_table(
        "mentorships",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("mentor_id", sa.Uuid(), nullable=False),
        sa.Column("mentee_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_by", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(length=500), nullable=True),
        sa.Column("goals", JsonDocument, nullable=False),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.Column("started_at", UTCDateTime(), nullable=True),
        sa.Column("ends_at", UTCDateTime(), nullable=True),
        sa.Column("completion_asked_by", sa.String(length=8), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("closed_because", sa.String(length=16), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("notes", sa.Integer(), nullable=False),
        sa.Column("noted_at", UTCDateTime(), nullable=True),
        sa.Column("mentor_feedback", JsonDocument, nullable=True),
        sa.Column("mentee_feedback", JsonDocument, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "closed_because IN ('time', 'agreed', 'mentor', 'mentee', 'mentor_left', 'mentee_left')",
            name=op.f("ck_mentorships_closed_because"),
        ),
        sa.CheckConstraint(
            "completion_asked_by IN ('mentor', 'mentee')", name=op.f("ck_mentorships_completion_asked_by")
        ),
        sa.CheckConstraint("proposed_by IN ('mentor', 'mentee')", name=op.f("ck_mentorships_proposed_by")),
        sa.CheckConstraint(
            "status <> 'active' OR (started_at IS NOT NULL AND ends_at IS NOT NULL)", name=op.f("ck_mentorships_active")
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'active', 'completed', 'ended', 'declined', 'withdrawn', 'lapsed')",
            name=op.f("ck_mentorships_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('completed', 'ended') OR closed_at IS NOT NULL", name=op.f("ck_mentorships_over")
        ),
        sa.CheckConstraint("mentor_id <> mentee_id", name=op.f("ck_mentorships_two")),
        sa.CheckConstraint("weeks BETWEEN 4 AND 24", name=op.f("ck_mentorships_weeks")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_mentorships_community_id_communities")
        ),
        sa.ForeignKeyConstraint(["mentee_id"], ["members.id"], name=op.f("fk_mentorships_mentee_id_members")),
        sa.ForeignKeyConstraint(["mentor_id"], ["members.id"], name=op.f("fk_mentorships_mentor_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentorships")),
    )
    with op.batch_alter_table("mentorships", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_mentorships_community_id_proposed_at_id"),
            ["community_id", "proposed_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_mentorships_community_id_status_noted_at"),
            ["community_id", "status", "noted_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_mentorships_mentee_id_status"), ["mentee_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_mentorships_mentor_id_status"), ["mentor_id", "status"], unique=False)
        batch_op.create_index(
            "uq_mentorships_live",
            ["mentor_id", "mentee_id"],
            unique=True,
            postgresql_where=sa.text("status IN ('proposed', 'active')"),
            sqlite_where=sa.text("status IN ('proposed', 'active')"),
        )
        batch_op.create_index(
            "uq_mentorships_mentee",
            ["mentee_id"],
            unique=True,
            postgresql_where=sa.text("status = 'active'"),
            sqlite_where=sa.text("status = 'active'"),
        )

    op.create_table(
        "mentorship_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("mentorship_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("written_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["members.id"], name=op.f("fk_mentorship_notes_author_id_members")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_mentorship_notes_community_id_communities")
        ),
        sa.ForeignKeyConstraint(
            ["mentorship_id"], ["mentorships.id"], name=op.f("fk_mentorship_notes_mentorship_id_mentorships")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentorship_notes")),
    )
    with op.batch_alter_table("mentorship_notes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mentorship_notes_author_id"), ["author_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_mentorship_notes_mentorship_id_written_at_id"),
            ["mentorship_id", "written_at", "id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("mentorship_notes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mentorship_notes_mentorship_id_written_at_id"))
        batch_op.drop_index(batch_op.f("ix_mentorship_notes_author_id"))

    op.drop_table("mentorship_notes")
    with op.batch_alter_table("mentorships", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_mentorships_mentee",
            postgresql_where=sa.text("status = 'active'"),
            sqlite_where=sa.text("status = 'active'"),
        )
        batch_op.drop_index(
            "uq_mentorships_live",
            postgresql_where=sa.text("status IN ('proposed', 'active')"),
            sqlite_where=sa.text("status IN ('proposed', 'active')"),
        )
        batch_op.drop_index(batch_op.f("ix_mentorships_mentor_id_status"))
        batch_op.drop_index(batch_op.f("ix_mentorships_mentee_id_status"))
        batch_op.drop_index(batch_op.f("ix_mentorships_community_id_status_noted_at"))
        batch_op.drop_index(batch_op.f("ix_mentorships_community_id_proposed_at_id"))

    op.drop_table("mentorships")
    op.drop_table("mentor_capacities")
