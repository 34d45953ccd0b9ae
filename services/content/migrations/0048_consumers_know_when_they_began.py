"""When a consumer was first to read a topic: a further group tells nobody what was old by then."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("consumer_progress", schema=None) as batch_op:
        batch_op.add_column(sa.Column("began_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("consumer_progress", schema=None) as batch_op:
        batch_op.drop_column("began_at")
