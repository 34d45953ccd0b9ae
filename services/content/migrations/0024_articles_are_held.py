"""articles are held."""

import sqlalchemy as sa
from alembic import op

from chassis.database.types import JsonDocument

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("moderation_items", schema=None) as batch_op:
        batch_op.add_column(sa.Column("author_ids", JsonDocument, server_default="[]", nullable=False))
        batch_op.create_index(batch_op.f("ix_moderation_items_author_id_status"), ["author_id", "status"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("moderation_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_moderation_items_author_id_status"))
        batch_op.drop_column("author_ids")
