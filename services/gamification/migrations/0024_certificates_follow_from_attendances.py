"""certificates follow from attendances."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity_attendances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revoked", sa.Boolean(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("extent", sa.String(length=16), nullable=True),
        sa.Column("hours", sa.Float(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_attendances")),
    )
    with op.batch_alter_table("activity_attendances", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_attendances_activity_id"), ["activity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_activity_attendances_member_id_at"), ["member_id", "at"], unique=False)

    op.create_table(
        "attended_activities",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("hours", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attended_activities")),
    )
    with op.batch_alter_table("certificate_templates", schema=None) as batch_op:
        batch_op.add_column(sa.Column("about", sa.String(length=16), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("certificate_templates", schema=None) as batch_op:
        batch_op.drop_column("about")

    op.drop_table("attended_activities")
    with op.batch_alter_table("activity_attendances", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_attendances_member_id_at"))
        batch_op.drop_index(batch_op.f("ix_activity_attendances_activity_id"))

    op.drop_table("activity_attendances")
