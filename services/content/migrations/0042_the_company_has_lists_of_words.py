"""What is told of the company's lists of words is counted."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("scan_rules", schema=None) as batch_op:
        batch_op.add_column(sa.Column("messages_published", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("scan_rules", schema=None) as batch_op:
        batch_op.drop_column("messages_published")
