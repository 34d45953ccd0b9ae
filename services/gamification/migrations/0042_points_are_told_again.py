"""points are told again: transfers keep the version of the message that told of them."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Filled by what is posted from now on; of what is there it is not known.
    op.add_column("ledger_transfers", sa.Column("told_no", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("ledger_transfers", "told_no")
