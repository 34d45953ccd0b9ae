"""mutes outlast suspensions."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("known_sanctions", sa.Column("then_muted_until", UTCDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("known_sanctions", "then_muted_until")
