"""rules measure."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "measured_deeds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measured_deeds")),
    )
    with op.batch_alter_table("measured_deeds", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_measured_deeds_day"), ["day"], unique=False)
        batch_op.create_index(batch_op.f("ix_measured_deeds_member_id_day"), ["member_id", "day"], unique=False)

    op.create_table(
        "rule_measures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("rule_set_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("metric", sa.String(length=16), nullable=False),
        sa.Column("op", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("window", sa.String(length=8), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("reminded_after", sa.Uuid(), nullable=True),
        sa.CheckConstraint("op IN ('gte', 'lte')", name=op.f("ck_rule_measures_op")),
        sa.CheckConstraint("\"window\" IN ('day', 'week', 'month')", name=op.f("ck_rule_measures_window")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_rule_measures_community_id_communities")
        ),
        sa.ForeignKeyConstraint(["rule_set_id"], ["rule_sets.id"], name=op.f("fk_rule_measures_rule_set_id_rule_sets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_measures")),
        sa.UniqueConstraint("community_id", "code", name=op.f("uq_rule_measures_community_id_code")),
    )
    with op.batch_alter_table("rule_measures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rule_measures_rule_set_id_code"), ["rule_set_id", "code"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("rule_measures", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_rule_measures_rule_set_id_code"))

    op.drop_table("rule_measures")
    with op.batch_alter_table("measured_deeds", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_measured_deeds_member_id_day"))
        batch_op.drop_index(batch_op.f("ix_measured_deeds_day"))

    op.drop_table("measured_deeds")
