"""members are counted."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member_spells",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("department_code", sa.String(length=64), nullable=False),
        sa.Column("job_grade", sa.String(), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", "number", name=op.f("pk_member_spells")),
    )
    with op.batch_alter_table("member_spells", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_member_spells_community_id_starts_on"), ["community_id", "starts_on"], unique=False
        )

    op.create_table(
        "metric_marks",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("touched", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_metric_marks")),
    )


def downgrade() -> None:
    op.drop_table("metric_marks")
    with op.batch_alter_table("member_spells", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_spells_community_id_starts_on"))

    op.drop_table("member_spells")
