"""members give kudos."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kudos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("giver_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_id", sa.Uuid(), nullable=False),
        sa.Column("value_code", sa.String(length=64), nullable=True),
        sa.Column("value_name", sa.String(length=200), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("removed_at", UTCDateTime(), nullable=True),
        sa.Column("removed_by", sa.Uuid(), nullable=True),
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.CheckConstraint("giver_id <> receiver_id", name=op.f("ck_kudos_another")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kudos")),
    )
    with op.batch_alter_table("kudos", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_kudos_community_id_given_at_id"), ["community_id", "given_at", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_kudos_giver_id_given_at"), ["giver_id", "given_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_kudos_receiver_id_given_at"), ["receiver_id", "given_at"], unique=False)


def downgrade() -> None:
    op.drop_table("kudos")
