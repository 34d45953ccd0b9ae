"""texts mention members."""

import sqlalchemy as sa
from alembic import op

from chassis.database.types import JsonDocument

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("discussions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mentions", JsonDocument, server_default="[]", nullable=False))

    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mentions", JsonDocument, server_default="[]", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("replies", schema=None) as batch_op:
        batch_op.drop_column("mentions")

    with op.batch_alter_table("discussions", schema=None) as batch_op:
        batch_op.drop_column("mentions")
