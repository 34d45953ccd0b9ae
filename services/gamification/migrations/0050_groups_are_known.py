"""groups are known."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_group_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("belongs", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_group_members")),
    )
    with op.batch_alter_table("known_group_members", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_known_group_members_group_id_member_id"), ["group_id", "member_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_known_group_members_member_id_group_id"), ["member_id", "group_id"], unique=False
        )

    op.create_table(
        "known_groups",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("leader_id", sa.Uuid(), nullable=True),
        sa.Column("dissolved", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("told_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_groups")),
    )
    with op.batch_alter_table("known_groups", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_known_groups_community_id"), ["community_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("known_groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_known_groups_community_id"))

    op.drop_table("known_groups")
    with op.batch_alter_table("known_group_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_known_group_members_member_id_group_id"))
        batch_op.drop_index(batch_op.f("ix_known_group_members_group_id_member_id"))

    op.drop_table("known_group_members")
