"""members say what they can do."""

import sqlalchemy as sa
from alembic import op

from chassis.database.types import JsonDocument

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("groupings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("by", sa.String(length=16), server_default="department", nullable=False))
        batch_op.create_check_constraint(op.f("ck_groupings_by"), "by IN ('department', 'skill')")

    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.add_column(sa.Column("skills", JsonDocument, server_default=sa.text("'[]'"), nullable=False))
        batch_op.add_column(sa.Column("interests", JsonDocument, server_default=sa.text("'[]'"), nullable=False))
        batch_op.add_column(sa.Column("described_readable", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.drop_column("described_readable")
        batch_op.drop_column("interests")
        batch_op.drop_column("skills")

    with op.batch_alter_table("groupings", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_groupings_by"), type_="check")
        batch_op.drop_column("by")
