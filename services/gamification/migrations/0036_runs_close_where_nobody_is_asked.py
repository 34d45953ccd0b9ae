"""runs close where nobody is asked."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("certification_runs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("certification_runs", schema=None) as batch_op:
        batch_op.drop_column("closed_at")
