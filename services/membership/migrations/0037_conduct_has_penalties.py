"""conduct has penalties."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "penalties",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("rule_code", sa.String(length=40), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("objects", JsonDocument, nullable=False),
        sa.Column("words", sa.String(length=2000), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("violation_points", sa.Integer(), nullable=False),
        sa.Column("fine", sa.Integer(), nullable=False),
        sa.Column("sanction", sa.String(length=16), nullable=True),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("imposed_at", UTCDateTime(), nullable=False),
        sa.Column("imposed_by", sa.String(length=64), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.Column("proposed", sa.String(length=16), nullable=True),
        sa.Column("proposed_at", UTCDateTime(), nullable=True),
        sa.Column("seconded_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("proposed IN ('suspend', 'expel')", name=op.f("ck_penalties_proposed")),
        sa.CheckConstraint("sanction IN ('mute', 'suspend', 'expel')", name=op.f("ck_penalties_sanction")),
        sa.CheckConstraint("severity IN ('minor', 'serious', 'grave')", name=op.f("ck_penalties_severity")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_penalties_community_id_communities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_penalties")),
        sa.UniqueConstraint("case_id", name=op.f("uq_penalties_case_id")),
    )
    with op.batch_alter_table("penalties", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_penalties_community_id_imposed_at_id"), ["community_id", "imposed_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_penalties_member_id_imposed_at_id"), ["member_id", "imposed_at", "id"], unique=False
        )

    op.create_table(
        "penalty_revisions",
        sa.Column("penalty_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("violation_points", sa.Integer(), nullable=False),
        sa.Column("fine", sa.Integer(), nullable=False),
        sa.Column("sanction", sa.String(length=16), nullable=True),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "cause IN ('imposed', 'seconded', 'lessened', 'lifted', 'paused', 'resumed')",
            name=op.f("ck_penalty_revisions_cause"),
        ),
        sa.CheckConstraint("sanction IN ('mute', 'suspend', 'expel')", name=op.f("ck_penalty_revisions_sanction")),
        sa.ForeignKeyConstraint(
            ["penalty_id"], ["penalties.id"], name=op.f("fk_penalty_revisions_penalty_id_penalties")
        ),
        sa.PrimaryKeyConstraint("penalty_id", "revision", name=op.f("pk_penalty_revisions")),
    )
    with op.batch_alter_table("short_mutes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("penalty_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("short_mutes", schema=None) as batch_op:
        batch_op.drop_column("penalty_id")

    op.drop_table("penalty_revisions")
    with op.batch_alter_table("penalties", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_penalties_member_id_imposed_at_id"))
        batch_op.drop_index(batch_op.f("ix_penalties_community_id_imposed_at_id"))

    op.drop_table("penalties")
