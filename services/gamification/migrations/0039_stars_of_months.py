"""communities have stars of months."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stars",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("votes_from", sa.Date(), nullable=False),
        sa.Column("votes_until", sa.Date(), nullable=False),
        sa.Column("ballots", sa.Integer(), nullable=False),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.Column("wiped_at", UTCDateTime(), nullable=True),
        sa.Column("winner_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.CheckConstraint("winner_id IS NULL OR decided_at IS NOT NULL", name=op.f("ck_stars_decided")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stars")),
        sa.UniqueConstraint("community_id", "month", name=op.f("uq_stars_community_id_month")),
        sa.UniqueConstraint(
            "community_id", "quarter", "winner_id", name=op.f("uq_stars_community_id_quarter_winner_id")
        ),
    )
    op.create_table(
        "star_nominations",
        sa.Column("star_id", sa.Uuid(), nullable=False),
        sa.Column("nominator_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["star_id"], ["stars.id"], name=op.f("fk_star_nominations_star_id_stars")),
        sa.PrimaryKeyConstraint("star_id", "nominator_id", name=op.f("pk_star_nominations")),
    )
    op.create_table(
        "star_candidates",
        sa.Column("star_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["star_id"], ["stars.id"], name=op.f("fk_star_candidates_star_id_stars")),
        sa.PrimaryKeyConstraint("star_id", "member_id", name=op.f("pk_star_candidates")),
    )
    op.create_table(
        "star_voters",
        sa.Column("star_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["star_id"], ["stars.id"], name=op.f("fk_star_voters_star_id_stars")),
        sa.PrimaryKeyConstraint("star_id", "member_id", name=op.f("pk_star_voters")),
    )


def downgrade() -> None:
    for table in ("star_voters", "star_candidates", "star_nominations", "stars"):
        op.drop_table(table)
