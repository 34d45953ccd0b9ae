"""a log in says when it was proved."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("provider_login_codes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("proved_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("methods", sa.String(length=64), server_default="", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("provider_login_codes", schema=None) as batch_op:
        batch_op.drop_column("methods")
        batch_op.drop_column("proved_at")
