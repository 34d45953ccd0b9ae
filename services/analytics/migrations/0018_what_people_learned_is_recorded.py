"""what people learned is recorded."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "department_managers",
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_department_managers")),
    )
    with op.batch_alter_table("department_managers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_department_managers_person_id"), ["person_id"], unique=False)

    op.create_table(
        "learning_activities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("hours", sa.Float(), nullable=True),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_activities")),
    )
    op.create_table(
        "learning_attendances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=True),
        sa.Column("extent", sa.String(length=7), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("hours", sa.Float(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_attendances")),
    )
    with op.batch_alter_table("learning_attendances", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_learning_attendances_activity_id_member_id"), ["activity_id", "member_id"], unique=False
        )

        batch_op.create_index(batch_op.f("ix_learning_attendances_member_id"), ["member_id"], unique=False)

    op.create_table(
        "learning_records",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("hours", sa.Float(), nullable=False),
        sa.Column("taught_hours", sa.Float(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.CheckConstraint("hours >= 0 AND taught_hours >= 0", name=op.f("ck_learning_records_hours")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learning_records")),
    )
    with op.batch_alter_table("learning_records", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_learning_records_activity_id"), ["activity_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_learning_records_community_id_at_id"), ["community_id", "at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_learning_records_member_id"), ["member_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_learning_records_person_id_at_id"), ["person_id", "at", "id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("learning_records", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_learning_records_person_id_at_id"))
        batch_op.drop_index(batch_op.f("ix_learning_records_member_id"))
        batch_op.drop_index(batch_op.f("ix_learning_records_community_id_at_id"))
        batch_op.drop_index(batch_op.f("ix_learning_records_activity_id"))

    op.drop_table("learning_records")
    with op.batch_alter_table("learning_attendances", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_learning_attendances_member_id"))
        batch_op.drop_index(batch_op.f("ix_learning_attendances_activity_id_member_id"))

    op.drop_table("learning_attendances")
    op.drop_table("learning_activities")
    with op.batch_alter_table("department_managers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_department_managers_person_id"))

    op.drop_table("department_managers")
