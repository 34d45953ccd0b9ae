"""members are asked what they think."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "survey_policies",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("after_activities", sa.Boolean(), nullable=False),
        sa.Column("pulse", sa.Boolean(), nullable=False),
        sa.Column("members_read", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_survey_policies")),
    )
    op.create_table(
        "surveys",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("about_kind", sa.String(length=12), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("month", sa.String(length=7), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("audience", sa.String(length=10), nullable=False),
        sa.Column("anonymity", sa.String(length=10), nullable=False),
        sa.Column("questions", JsonDocument, nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("opened_at", UTCDateTime(), nullable=True),
        sa.Column("closes_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("tally", JsonDocument, nullable=False),
        sa.Column("settled_upto", sa.Uuid(), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("results", JsonDocument, nullable=True),
        sa.Column("told_as", JsonDocument, nullable=False),
        sa.Column("wiped_at", UTCDateTime(), nullable=True),
        sa.Column("released_at", UTCDateTime(), nullable=True),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("(status = 'draft') = (opened_at IS NULL)", name=op.f("ck_surveys_opened")),
        sa.CheckConstraint(
            "(status IN ('closing', 'closed')) = (closed_at IS NOT NULL)", name=op.f("ck_surveys_closed")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys")),
    )
    with op.batch_alter_table("surveys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveys_about_id"), ["about_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_surveys_community_id_status_id"), ["community_id", "status", "id"], unique=False
        )
        batch_op.create_index(
            "uq_surveys_of_activity",
            ["about_id"],
            unique=True,
            postgresql_where=sa.text("origin = 'activity'"),
            sqlite_where=sa.text("origin = 'activity'"),
        )
        batch_op.create_index(
            "uq_surveys_of_month",
            ["community_id", "month"],
            unique=True,
            postgresql_where=sa.text("origin = 'pulse'"),
            sqlite_where=sa.text("origin = 'pulse'"),
        )

    op.create_table(
        "survey_answers",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("given", JsonDocument, nullable=False),
        sa.Column("answered_at", UTCDateTime(), nullable=False),
        sa.Column("told_as", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_survey_answers_survey_id_surveys")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_answers")),
        sa.UniqueConstraint("survey_id", "member_id", name=op.f("uq_survey_answers_survey_id_member_id")),
    )
    with op.batch_alter_table("survey_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_survey_answers_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_survey_answers_survey_id_id"), ["survey_id", "id"], unique=False)

    op.create_table(
        "survey_ballots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("given", JsonDocument, nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_survey_ballots_survey_id_surveys")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_ballots")),
    )
    with op.batch_alter_table("survey_ballots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_survey_ballots_survey_id_id"), ["survey_id", "id"], unique=False)

    op.create_table(
        "survey_mixed_ballots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("given", JsonDocument, nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_survey_mixed_ballots_survey_id_surveys")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_mixed_ballots")),
    )
    with op.batch_alter_table("survey_mixed_ballots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_survey_mixed_ballots_survey_id_id"), ["survey_id", "id"], unique=False)

    op.create_table(
        "survey_invitees",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_survey_invitees_survey_id_surveys")),
        sa.PrimaryKeyConstraint("survey_id", "member_id", name=op.f("pk_survey_invitees")),
    )
    with op.batch_alter_table("survey_invitees", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_survey_invitees_member_id_survey_id"), ["member_id", "survey_id"], unique=False
        )

    op.create_table(
        "survey_participations",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_survey_participations_survey_id_surveys")),
        sa.PrimaryKeyConstraint("survey_id", "member_id", name=op.f("pk_survey_participations")),
    )
    with op.batch_alter_table("survey_participations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_survey_participations_member_id"), ["member_id"], unique=False)

    op.create_table(
        "survey_texts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_survey_texts_survey_id_surveys")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_texts")),
    )
    with op.batch_alter_table("survey_texts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_survey_texts_survey_id_question_id"), ["survey_id", "question", "id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("survey_texts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_survey_texts_survey_id_question_id"))

    op.drop_table("survey_texts")
    with op.batch_alter_table("survey_participations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_survey_participations_member_id"))

    op.drop_table("survey_participations")
    with op.batch_alter_table("survey_invitees", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_survey_invitees_member_id_survey_id"))

    op.drop_table("survey_invitees")
    with op.batch_alter_table("survey_mixed_ballots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_survey_mixed_ballots_survey_id_id"))

    op.drop_table("survey_mixed_ballots")
    with op.batch_alter_table("survey_ballots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_survey_ballots_survey_id_id"))

    op.drop_table("survey_ballots")
    with op.batch_alter_table("survey_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_survey_answers_survey_id_id"))
        batch_op.drop_index(batch_op.f("ix_survey_answers_member_id"))

    op.drop_table("survey_answers")
    with op.batch_alter_table("surveys", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_surveys_of_month",
            postgresql_where=sa.text("origin = 'pulse'"),
            sqlite_where=sa.text("origin = 'pulse'"),
        )
        batch_op.drop_index(
            "uq_surveys_of_activity",
            postgresql_where=sa.text("origin = 'activity'"),
            sqlite_where=sa.text("origin = 'activity'"),
        )
        batch_op.drop_index(batch_op.f("ix_surveys_community_id_status_id"))
        batch_op.drop_index(batch_op.f("ix_surveys_about_id"))

    op.drop_table("surveys")
    op.drop_table("survey_policies")
