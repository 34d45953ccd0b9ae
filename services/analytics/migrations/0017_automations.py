"""automations."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "automation_books",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_automation_books")),
    )
    op.create_table(
        "automations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("trigger_kind", sa.String(length=8), nullable=False),
        sa.Column("listens_to", sa.String(length=100), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("event_type", sa.String(length=80), nullable=True),
        sa.Column("days", sa.SmallInteger(), nullable=True),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(length=64), nullable=True),
        sa.Column("min_severity", sa.String(length=8), nullable=True),
        sa.Column("tell", sa.String(length=12), nullable=True),
        sa.Column("raises", sa.Boolean(), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("status", sa.String(length=4), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("tried_version", sa.Integer(), nullable=True),
        sa.Column("tried_at", UTCDateTime(), nullable=True),
        sa.Column("concerned", sa.Integer(), nullable=True),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("switched_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(trigger_kind = 'silence') = (days IS NOT NULL)", name=op.f("ck_automations_days")),
        sa.CheckConstraint("status = 'off' OR tried_version = rules_version", name=op.f("ck_automations_tried")),
        sa.CheckConstraint("status IN ('off', 'on')", name=op.f("ck_automations_status")),
        sa.CheckConstraint("tell IS NOT NULL OR raises", name=op.f("ck_automations_does")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automations")),
    )
    with op.batch_alter_table("automations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_automations_community_id_created_at_id"), ["community_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_automations_community_id_listens_to_status"),
            ["community_id", "listens_to", "status"],
            unique=False,
        )

    op.create_table(
        "automation_firings",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("automation_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("cause_kind", sa.String(length=40), nullable=False),
        sa.Column("cause_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["automation_id"], ["automations.id"], name=op.f("fk_automation_firings_automation_id_automations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_firings")),
    )
    with op.batch_alter_table("automation_firings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_automation_firings_automation_id_at_id"), ["automation_id", "at", "id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("automation_firings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_automation_firings_automation_id_at_id"))

    op.drop_table("automation_firings")
    with op.batch_alter_table("automations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_automations_community_id_listens_to_status"))
        batch_op.drop_index(batch_op.f("ix_automations_community_id_created_at_id"))

    op.drop_table("automations")
    op.drop_table("automation_books")
