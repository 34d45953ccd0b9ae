"""members compete in contests."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("paper_version", sa.Integer(), nullable=False),
        sa.Column("opens_at", UTCDateTime(), nullable=False),
        sa.Column("closes_at", UTCDateTime(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("entry", sa.String(length=10), nullable=False),
        sa.Column("team_size", sa.Integer(), nullable=True),
        sa.Column("teams_by", sa.String(length=10), nullable=False),
        sa.Column("team_score", sa.String(length=4), nullable=False),
        sa.Column("answers_final", sa.Boolean(), nullable=False),
        sa.Column("board_frozen_from", UTCDateTime(), nullable=True),
        sa.Column("results_at", UTCDateTime(), nullable=False),
        sa.Column("held_until", UTCDateTime(), nullable=True),
        sa.Column("status", sa.String(length=9), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("full", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("standings_parts", sa.Integer(), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("told_after", JsonDocument, nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("opens_at < closes_at AND closes_at <= results_at", name=op.f("ck_contests_order")),
        sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_contests_activity_id_activities")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contests")),
        sa.UniqueConstraint("activity_id", name=op.f("uq_contests_activity_id")),
    )
    with op.batch_alter_table("contests", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contests_community_id_opens_at_id"), ["community_id", "opens_at", "id"], unique=False
        )

    op.create_table(
        "contest_competitors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contest_id", sa.Uuid(), nullable=False),
        sa.Column("who_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reached_at", UTCDateTime(), nullable=False),
        sa.Column("on_board", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("board_score", sa.Integer(), nullable=False),
        sa.Column("board_reached_at", UTCDateTime(), nullable=False),
        sa.Column("told_rank", sa.Integer(), nullable=True),
        sa.Column("told_score", sa.Integer(), nullable=True),
        sa.Column("prize_rank", sa.Integer(), nullable=True),
        sa.Column("prize_since", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contest_id"], ["contests.id"], name=op.f("fk_contest_competitors_contest_id_contests")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest_competitors")),
        sa.UniqueConstraint("contest_id", "who_id", name=op.f("uq_contest_competitors_contest_id_who_id")),
    )
    with op.batch_alter_table("contest_competitors", schema=None) as batch_op:
        batch_op.create_index(
            "ix_contest_competitors_board",
            ["contest_id", "on_board", "board_score", "board_reached_at", "id"],
            unique=False,
        )
        batch_op.create_index("ix_contest_competitors_final", ["contest_id", "score", "reached_at", "id"], unique=False)

    op.create_table(
        "contest_extra_times",
        sa.Column("contest_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contest_id"], ["contests.id"], name=op.f("fk_contest_extra_times_contest_id_contests")
        ),
        sa.PrimaryKeyConstraint("contest_id", "member_id", name=op.f("pk_contest_extra_times")),
    )
    op.create_table(
        "contest_papers",
        sa.Column("contest_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("document", JsonDocument, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("bank_ids", JsonDocument, nullable=False),
        sa.ForeignKeyConstraint(["contest_id"], ["contests.id"], name=op.f("fk_contest_papers_contest_id_contests")),
        sa.PrimaryKeyConstraint("contest_id", "revision", name=op.f("pk_contest_papers")),
    )
    op.create_table(
        "contest_regrades",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("contest_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("corrected", JsonDocument, nullable=False),
        sa.Column("document", JsonDocument, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("prizes", sa.String(length=5), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("upto", sa.Uuid(), nullable=True),
        sa.Column("asked_by_id", sa.Uuid(), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contest_id"], ["contests.id"], name=op.f("fk_contest_regrades_contest_id_contests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest_regrades")),
    )
    with op.batch_alter_table("contest_regrades", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contest_regrades_contest_id_id"), ["contest_id", "id"], unique=False)
        batch_op.create_index(
            "uq_contest_regrades_one",
            ["contest_id"],
            unique=True,
            postgresql_where=sa.text("status IN ('trying', 'tried', 'grading')"),
            sqlite_where=sa.text("status IN ('trying', 'tried', 'grading')"),
        )

    op.create_table(
        "contest_standings",
        sa.Column("contest_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("lines", JsonDocument, nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contest_id"], ["contests.id"], name=op.f("fk_contest_standings_contest_id_contests")),
        sa.PrimaryKeyConstraint("contest_id", "revision", "part", name=op.f("pk_contest_standings")),
    )
    op.create_table(
        "contest_teams",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("contest_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contest_id"], ["contests.id"], name=op.f("fk_contest_teams_contest_id_contests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest_teams")),
        sa.UniqueConstraint("contest_id", "name", name=op.f("uq_contest_teams_contest_id_name")),
    )
    with op.batch_alter_table("contest_teams", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contest_teams_contest_id_created_at_id"), ["contest_id", "created_at", "id"], unique=False
        )

    op.create_table(
        "contest_attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("contest_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("competitor_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("asked", JsonDocument, nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("moved_us", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("handed_in_at", UTCDateTime(), nullable=True),
        sa.Column("handed_in_by", sa.String(length=6), nullable=True),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reached_at", UTCDateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("erased", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["competitor_id"],
            ["contest_competitors.id"],
            name=op.f("fk_contest_attempts_competitor_id_contest_competitors"),
        ),
        sa.ForeignKeyConstraint(["contest_id"], ["contests.id"], name=op.f("fk_contest_attempts_contest_id_contests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contest_attempts")),
        sa.UniqueConstraint("contest_id", "member_id", name=op.f("uq_contest_attempts_contest_id_member_id")),
    )
    with op.batch_alter_table("contest_attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contest_attempts_competitor_id"), ["competitor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contest_attempts_contest_id_id"), ["contest_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contest_attempts_member_id"), ["member_id"], unique=False)
        batch_op.create_index(
            "ix_contest_attempts_running",
            ["contest_id", "ends_at", "id"],
            unique=False,
            postgresql_where=sa.text("handed_in_at IS NULL"),
            sqlite_where=sa.text("handed_in_at IS NULL"),
        )

    op.create_table(
        "contest_team_members",
        sa.Column("contest_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("team_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contest_id"], ["contests.id"], name=op.f("fk_contest_team_members_contest_id_contests")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["contest_teams.id"], name=op.f("fk_contest_team_members_team_id_contest_teams")
        ),
        sa.PrimaryKeyConstraint("contest_id", "member_id", name=op.f("pk_contest_team_members")),
    )
    with op.batch_alter_table("contest_team_members", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contest_team_members_team_id_member_id"), ["team_id", "member_id"], unique=False
        )

    op.create_table(
        "contest_answers",
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("answer", JsonDocument, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["contest_attempts.id"], name=op.f("fk_contest_answers_attempt_id_contest_attempts")
        ),
        sa.PrimaryKeyConstraint("attempt_id", "question_id", name=op.f("pk_contest_answers")),
    )
    op.create_table(
        "contest_regrade_lines",
        sa.Column("regrade_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["contest_attempts.id"], name=op.f("fk_contest_regrade_lines_attempt_id_contest_attempts")
        ),
        sa.ForeignKeyConstraint(
            ["regrade_id"], ["contest_regrades.id"], name=op.f("fk_contest_regrade_lines_regrade_id_contest_regrades")
        ),
        sa.PrimaryKeyConstraint("regrade_id", "attempt_id", name=op.f("pk_contest_regrade_lines")),
    )


def downgrade() -> None:
    op.drop_table("contest_regrade_lines")
    op.drop_table("contest_answers")
    with op.batch_alter_table("contest_team_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contest_team_members_team_id_member_id"))

    op.drop_table("contest_team_members")
    with op.batch_alter_table("contest_attempts", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_contest_attempts_running",
            postgresql_where=sa.text("handed_in_at IS NULL"),
            sqlite_where=sa.text("handed_in_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_contest_attempts_member_id"))
        batch_op.drop_index(batch_op.f("ix_contest_attempts_contest_id_id"))
        batch_op.drop_index(batch_op.f("ix_contest_attempts_competitor_id"))

    op.drop_table("contest_attempts")
    with op.batch_alter_table("contest_teams", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contest_teams_contest_id_created_at_id"))

    op.drop_table("contest_teams")
    op.drop_table("contest_standings")
    with op.batch_alter_table("contest_regrades", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_contest_regrades_one",
            postgresql_where=sa.text("status IN ('trying', 'tried', 'grading')"),
            sqlite_where=sa.text("status IN ('trying', 'tried', 'grading')"),
        )
        batch_op.drop_index(batch_op.f("ix_contest_regrades_contest_id_id"))

    op.drop_table("contest_regrades")
    op.drop_table("contest_papers")
    op.drop_table("contest_extra_times")
    with op.batch_alter_table("contest_competitors", schema=None) as batch_op:
        batch_op.drop_index("ix_contest_competitors_final")
        batch_op.drop_index("ix_contest_competitors_board")

    op.drop_table("contest_competitors")
    with op.batch_alter_table("contests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contests_community_id_opens_at_id"))

    op.drop_table("contests")
