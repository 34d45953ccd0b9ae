"""links say in which community."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("attachment_links", schema=None) as batch_op:
        batch_op.add_column(sa.Column("community_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("attachment_links", schema=None) as batch_op:
        batch_op.drop_column("community_id")
