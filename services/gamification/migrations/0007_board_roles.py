"""Who runs a community, and who opted out, stands on no board."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "board_roles",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.Column("on_boards", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "version", name=op.f("pk_board_roles")),
    )
    # Since when they run it was not kept: since they joined. They are a few in each community.
    op.execute(
        """
        INSERT INTO board_roles (member_id, version, at, staff, on_boards)
        SELECT id, version, joined_at, true, true FROM known_members
        WHERE CAST(roles AS TEXT) LIKE '%"owner"%' OR CAST(roles AS TEXT) LIKE '%"operator"%'
        """
    )
    op.execute(
        """
        UPDATE board_scores SET listed = false
        WHERE member_id IN (SELECT member_id FROM board_roles)
        AND window_id IN (SELECT id FROM board_windows WHERE frozen_at IS NULL)
        """
    )


def downgrade() -> None:
    op.drop_table("board_roles")
