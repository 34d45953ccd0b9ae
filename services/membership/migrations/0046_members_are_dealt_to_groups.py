"""members are dealt to groups."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "groupings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("of_id", sa.Uuid(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("members", sa.Integer(), nullable=True),
        sa.Column("groups", sa.Integer(), nullable=True),
        sa.Column("smallest", sa.Integer(), nullable=True),
        sa.Column("largest", sa.Integer(), nullable=True),
        sa.Column("placed", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("planned_at", UTCDateTime(), nullable=True),
        sa.Column("applied_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "status IN ('planning', 'planned', 'applying', 'applied')", name=op.f("ck_groupings_status")
        ),
        sa.ForeignKeyConstraint(["cohort_id"], ["cohorts.id"], name=op.f("fk_groupings_cohort_id_cohorts")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities.id"], name=op.f("fk_groupings_community_id_communities")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groupings")),
    )
    with op.batch_alter_table("groupings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_groupings_community_id_created_at_id"), ["community_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            "uq_groupings_applying",
            ["scope_id"],
            unique=True,
            postgresql_where=sa.text("status = 'applying'"),
            sqlite_where=sa.text("status = 'applying'"),
        )

    op.create_table(
        "grouping_places",
        sa.Column("grouping_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["grouping_id"], ["groupings.id"], name=op.f("fk_grouping_places_grouping_id_groupings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("grouping_id", "member_id", name=op.f("pk_grouping_places")),
    )
    with op.batch_alter_table("grouping_places", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_grouping_places_grouping_id_number_member_id"),
            ["grouping_id", "number", "member_id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("grouping_places", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grouping_places_grouping_id_number_member_id"))

    op.drop_table("grouping_places")
    with op.batch_alter_table("groupings", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_groupings_applying",
            postgresql_where=sa.text("status = 'applying'"),
            sqlite_where=sa.text("status = 'applying'"),
        )
        batch_op.drop_index(batch_op.f("ix_groupings_community_id_created_at_id"))

    op.drop_table("groupings")
