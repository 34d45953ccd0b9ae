"""moderators mute for a short time."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "short_mutes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("given_by", sa.String(length=64), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_short_mutes_community_id_communities")
        ),
        sa.ForeignKeyConstraint(["member_id"], ["members.id"], name=op.f("fk_short_mutes_member_id_members")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_short_mutes")),
    )
    with op.batch_alter_table("short_mutes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_short_mutes_member_id"), ["member_id"], unique=False)

    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sanctions_told", sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.drop_column("sanctions_told")

    with op.batch_alter_table("short_mutes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_short_mutes_member_id"))

    op.drop_table("short_mutes")
