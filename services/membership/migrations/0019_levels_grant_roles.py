"""levels grant roles."""

import sqlalchemy as sa
from alembic import op

from chassis.database.types import JsonDocument

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member_perks",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("roles", JsonDocument, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_member_perks")),
    )


def downgrade() -> None:
    op.drop_table("member_perks")
