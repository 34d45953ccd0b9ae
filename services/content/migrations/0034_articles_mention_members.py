"""articles mention members."""

import sqlalchemy as sa
from alembic import op

from chassis.database.types import JsonDocument

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("article_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mentions", JsonDocument, server_default="[]", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("article_versions", schema=None) as batch_op:
        batch_op.drop_column("mentions")
