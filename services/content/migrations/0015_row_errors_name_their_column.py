"""What is wrong with a row of a file says in which column it stands."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job_errors", sa.Column("column", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("job_errors", "column")
