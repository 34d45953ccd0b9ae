"""members have badges."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "badges",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=40), nullable=False),
        sa.Column("about_zh", sa.Text(), nullable=False),
        sa.Column("about_en", sa.Text(), nullable=False),
        sa.Column("match", sa.String(length=8), nullable=False),
        sa.Column("criteria", JsonDocument, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("match IN ('all', 'any')", name=op.f("ck_badges_match")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badges")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_badges_community_id_code")),
    )
    op.create_table(
        "badge_awards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("badge_id", sa.Uuid(), nullable=False),
        sa.Column("badge_version", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("awarded_at", UTCDateTime(), nullable=False),
        sa.Column("awarded_by", sa.String(length=64), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("revoked_by", sa.String(length=64), nullable=True),
        sa.Column("revoked_because", sa.Text(), nullable=True),
        sa.CheckConstraint("cause IN ('reached', 'past', 'by_hand')", name=op.f("ck_badge_awards_cause")),
        sa.ForeignKeyConstraint(["badge_id"], ["badges.id"], name=op.f("fk_badge_awards_badge_id_badges")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_awards")),
    )
    with op.batch_alter_table("badge_awards", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_badge_awards_badge_id_awarded_at_id"), ["badge_id", "awarded_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_badge_awards_community_id_awarded_at_id"), ["community_id", "awarded_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_badge_awards_member_id"), ["member_id"], unique=False)
        batch_op.create_index(
            "uq_badge_awards_held",
            ["badge_id", "member_id"],
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL"),
            sqlite_where=sa.text("revoked_at IS NULL"),
        )

    op.create_table(
        "badge_versions",
        sa.Column("badge_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name_zh", sa.String(length=40), nullable=False),
        sa.Column("name_en", sa.String(length=40), nullable=False),
        sa.Column("match", sa.String(length=8), nullable=False),
        sa.Column("criteria", JsonDocument, nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["badge_id"], ["badges.id"], name=op.f("fk_badge_versions_badge_id_badges")),
        sa.PrimaryKeyConstraint("badge_id", "version", name=op.f("pk_badge_versions")),
    )


def downgrade() -> None:
    op.drop_table("badge_versions")
    with op.batch_alter_table("badge_awards", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_badge_awards_held",
            postgresql_where=sa.text("revoked_at IS NULL"),
            sqlite_where=sa.text("revoked_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_badge_awards_member_id"))
        batch_op.drop_index(batch_op.f("ix_badge_awards_community_id_awarded_at_id"))
        batch_op.drop_index(batch_op.f("ix_badge_awards_badge_id_awarded_at_id"))

    op.drop_table("badge_awards")
    op.drop_table("badges")
