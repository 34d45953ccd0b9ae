"""applicants are told a reason of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reason_for_applicant", sa.String(length=2000), nullable=True))
        batch_op.add_column(sa.Column("told_reason", sa.String(length=2000), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.drop_column("told_reason")
        batch_op.drop_column("reason_for_applicant")
