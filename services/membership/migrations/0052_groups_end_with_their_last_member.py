"""groups end with their last member."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("member_groups", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ends_empty", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("member_groups", schema=None) as batch_op:
        batch_op.drop_column("ends_empty")
