"""penalties give back what they took."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_penalties",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("violation_points", sa.Integer(), nullable=False),
        sa.Column("fine", sa.Integer(), nullable=False),
        sa.Column("sanction", sa.String(length=16), nullable=True),
        sa.Column("since", UTCDateTime(), nullable=True),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("objects", JsonDocument, nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=True),
        sa.Column("served_from", UTCDateTime(), nullable=True),
        sa.Column("served_until", UTCDateTime(), nullable=True),
        sa.Column("answers", sa.Integer(), nullable=False),
        sa.Column("answer", JsonDocument, nullable=True),
        sa.Column("answered_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_penalties")),
    )
    with op.batch_alter_table("known_penalties", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_known_penalties_member_id"), ["member_id"], unique=False)

    op.create_table(
        "suspensions",
        sa.Column("penalty_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("served_from", UTCDateTime(), nullable=False),
        sa.Column("served_until", UTCDateTime(), nullable=True),
        sa.Column("spared_from", UTCDateTime(), nullable=True),
        sa.Column("spared_until", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("penalty_id", name=op.f("pk_suspensions")),
    )
    with op.batch_alter_table("suspensions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_suspensions_member_id_spared_from"), ["member_id", "spared_from"], unique=False
        )

    op.create_table(
        "given_up_registrations",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("given_up_at", UTCDateTime(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("queued", sa.Integer(), nullable=True),
        sa.Column("behind", sa.Boolean(), nullable=False),
        sa.Column("unconfirmed", sa.Boolean(), nullable=False),
        sa.Column("told_of", sa.Uuid(), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("penalty_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_given_up_registrations_registration_id_registrations"),
        ),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_given_up_registrations")),
    )
    with op.batch_alter_table("given_up_registrations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_given_up_registrations_member_id_given_up_at"), ["member_id", "given_up_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("given_up_registrations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_given_up_registrations_member_id_given_up_at"))

    op.drop_table("given_up_registrations")
    with op.batch_alter_table("suspensions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_suspensions_member_id_spared_from"))

    op.drop_table("suspensions")
    with op.batch_alter_table("known_penalties", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_known_penalties_member_id"))

    op.drop_table("known_penalties")
