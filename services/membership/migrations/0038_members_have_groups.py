"""members have groups."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member_groups",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("purpose", sa.String(length=1000), nullable=True),
        sa.Column("readable", sa.Boolean(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("leader_id", sa.Uuid(), nullable=True),
        sa.Column("leaderless_since", UTCDateTime(), nullable=True),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("grouping_id", sa.Uuid(), nullable=True),
        sa.Column("dissolved_at", UTCDateTime(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "(leader_id IS NULL) = (leaderless_since IS NOT NULL)", name=op.f("ck_member_groups_leader")
        ),
        sa.CheckConstraint("members >= 0 AND members <= capacity", name=op.f("ck_member_groups_members")),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_member_groups_cohort_id_cohorts")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_member_groups_community_id_communities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_groups")),
    )
    with op.batch_alter_table("member_groups", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_member_groups_community_id_created_at_id"),
            ["community_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_member_groups_grouping_id"), ["grouping_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_member_groups_leader_id"), ["leader_id"], unique=False)

    op.create_table(
        "group_members",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("grouping_id", sa.Uuid(), nullable=True),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("left_at", UTCDateTime(), nullable=True),
        sa.Column("ended", sa.String(length=16), nullable=True),
        sa.Column("led", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "ended IN ('left', 'taken_out', 'membership_ended', 'dissolved') OR ended IS NULL",
            name=op.f("ck_group_members_ended"),
        ),
        sa.CheckConstraint("(left_at IS NULL) = (ended IS NULL)", name=op.f("ck_group_members_left")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["member_groups.id"], name=op.f("fk_group_members_group_id_member_groups")
        ),
        sa.PrimaryKeyConstraint("group_id", "member_id", name=op.f("pk_group_members")),
    )
    with op.batch_alter_table("group_members", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_group_members_group_id_since_member_id"), ["group_id", "since", "member_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_group_members_member_id_left_at"), ["member_id", "left_at"], unique=False)
        batch_op.create_index(
            "uq_group_members_of_grouping",
            ["member_id", "grouping_id"],
            unique=True,
            postgresql_where=sa.text("left_at IS NULL AND grouping_id IS NOT NULL"),
            sqlite_where=sa.text("left_at IS NULL AND grouping_id IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("group_members", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_group_members_of_grouping",
            postgresql_where=sa.text("left_at IS NULL AND grouping_id IS NOT NULL"),
            sqlite_where=sa.text("left_at IS NULL AND grouping_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_group_members_member_id_left_at"))
        batch_op.drop_index(batch_op.f("ix_group_members_group_id_since_member_id"))

    op.drop_table("group_members")
    with op.batch_alter_table("member_groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_groups_leader_id"))
        batch_op.drop_index(batch_op.f("ix_member_groups_grouping_id"))
        batch_op.drop_index(batch_op.f("ix_member_groups_community_id_created_at_id"))

    op.drop_table("member_groups")
