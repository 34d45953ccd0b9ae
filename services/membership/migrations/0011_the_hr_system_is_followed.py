"""the HR system is followed."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hr_records",
        sa.Column("employee_key", sa.String(length=64), nullable=False),
        sa.Column("known", JsonDocument, nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("employee_key", name=op.f("pk_hr_records")),
    )


def downgrade() -> None:
    op.drop_table("hr_records")
