"""activities are for some members."""

import sqlalchemy as sa
from alembic import op

from chassis.database.types import JsonDocument

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.add_column(sa.Column("eligibility", JsonDocument, nullable=True))

    with op.batch_alter_table("known_departments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("parent_code", sa.String(length=64), nullable=True))

    with op.batch_alter_table("known_people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("job_grade", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("site", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("known_people", schema=None) as batch_op:
        batch_op.drop_column("site")
        batch_op.drop_column("job_grade")

    with op.batch_alter_table("known_departments", schema=None) as batch_op:
        batch_op.drop_column("parent_code")

    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_column("eligibility")
