"""answers to feedback are read."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("feedback", sa.Column("news_at", UTCDateTime(), nullable=True))
    op.add_column("feedback", sa.Column("read_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.drop_column("read_at")
        batch_op.drop_column("news_at")
