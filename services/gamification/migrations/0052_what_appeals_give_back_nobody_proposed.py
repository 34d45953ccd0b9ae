"""what appeals give back nobody proposed."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("awards", schema=None) as batch_op:
        batch_op.alter_column("proposer_id", existing_type=sa.Uuid(), nullable=True)


def downgrade() -> None:
    # Nobody is there to name for these.
    op.execute("DELETE FROM awards WHERE proposer_id IS NULL")
    with op.batch_alter_table("awards", schema=None) as batch_op:
        batch_op.alter_column("proposer_id", existing_type=sa.Uuid(), nullable=False)
