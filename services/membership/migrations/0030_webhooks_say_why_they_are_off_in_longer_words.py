"""webhooks say why they are off in longer words."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("webhooks", schema=None) as batch_op:
        batch_op.alter_column(
            "off_cause", existing_type=sa.VARCHAR(length=16), type_=sa.String(length=32), existing_nullable=True
        )


def downgrade() -> None:
    with op.batch_alter_table("webhooks", schema=None) as batch_op:
        batch_op.alter_column(
            "off_cause", existing_type=sa.String(length=32), type_=sa.VARCHAR(length=16), existing_nullable=True
        )
