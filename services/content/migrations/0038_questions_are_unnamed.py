"""questions are unnamed."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "masks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_masks")),
    )
    with op.batch_alter_table("masks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_masks_member_id"), ["member_id"], unique=False)

    op.create_table(
        "question_policies",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("unnamed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_question_policies")),
    )


def downgrade() -> None:
    op.drop_table("question_policies")
    with op.batch_alter_table("masks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_masks_member_id"))

    op.drop_table("masks")
