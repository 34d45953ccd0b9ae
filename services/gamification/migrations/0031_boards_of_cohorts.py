"""boards of cohorts, departments and seasons."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

PARTS = ("cohort_id", "department")


def upgrade() -> None:
    with op.batch_alter_table("board_scores", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cohort_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("department", sa.String(length=64), nullable=True))
    with op.batch_alter_table("board_windows", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_board_windows_period"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_board_windows_period"), "period IN ('day', 'week', 'month', 'all_time', 'season')"
        )
    # Frozen boards stay as they are: nobody knows who was where then.
    op.execute(
        """
        UPDATE board_scores SET
            cohort_id = (SELECT m.cohort_id FROM known_members m WHERE m.id = board_scores.member_id),
            department = (
                SELECT p.department_code FROM known_members m JOIN known_people p ON p.id = m.person_id
                WHERE m.id = board_scores.member_id
            )
        WHERE window_id IN (SELECT id FROM board_windows WHERE frozen_at IS NULL)
        """
    )
    for column in PARTS:
        there = sa.text(f"listed AND {column} IS NOT NULL")
        op.create_index(
            f"ix_board_scores_{column}",
            "board_scores",
            ["window_id", column, "deficit", "reached_at", "member_id"],
            postgresql_where=there,
            sqlite_where=there,
        )
    op.create_table(
        "seasons",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("prizes", JsonDocument, nullable=False),
        sa.Column("window_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("winners", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'cancelled') = (window_id IS NULL)", name=op.f("ck_seasons_board")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_seasons_dates")),
        sa.CheckConstraint("status IN ('announced', 'closed', 'cancelled')", name=op.f("ck_seasons_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seasons")),
    )
    with op.batch_alter_table("seasons", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_seasons_community_id_starts_on_id"), ["community_id", "starts_on", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_seasons_status_ends_on"), ["status", "ends_on"], unique=False)


def downgrade() -> None:
    op.drop_table("seasons")
    for column in PARTS:
        op.drop_index(f"ix_board_scores_{column}", "board_scores")
    with op.batch_alter_table("board_windows", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_board_windows_period"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_board_windows_period"), "period IN ('day', 'week', 'month', 'all_time')"
        )
    with op.batch_alter_table("board_scores", schema=None) as batch_op:
        batch_op.drop_column("department")
        batch_op.drop_column("cohort_id")
