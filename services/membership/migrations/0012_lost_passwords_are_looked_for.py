"""Who gives out codes looks for those who wait for one."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_credentials_reset_requested_at"), "credentials", ["reset_requested_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_credentials_reset_requested_at"), table_name="credentials")
