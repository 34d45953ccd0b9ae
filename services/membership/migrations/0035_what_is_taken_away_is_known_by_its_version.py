"""what is taken away is known by its version."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhook_subjects",
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_webhook_subjects")),
    )
    with op.batch_alter_table("webhook_subjects", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_webhook_subjects_at"), ["at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("webhook_subjects", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_subjects_at"))

    op.drop_table("webhook_subjects")
