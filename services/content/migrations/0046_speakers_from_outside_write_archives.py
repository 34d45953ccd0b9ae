"""speakers from outside write archives."""

import sqlalchemy as sa
from alembic import op

from chassis.database.types import JsonDocument

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

TABLES = ("articles", "article_versions")


def upgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("outside_authors", JsonDocument, nullable=False, server_default="{}"))


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("outside_authors")
