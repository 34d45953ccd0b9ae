"""A version of a rule that is valid from the past says how far its past has been folded again."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("earning_rule_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("recounting", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))
        batch_op.add_column(sa.Column("recount_from", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("recounted_to", sa.Uuid(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("earning_rule_versions", schema=None) as batch_op:
        batch_op.drop_column("recounted_to")
        batch_op.drop_column("recount_from")
        batch_op.drop_column("recounting")
