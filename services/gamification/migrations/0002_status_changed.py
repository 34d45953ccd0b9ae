"""A wallet says whether the status of its member has changed; a standing is what somebody may do now."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE wallets RENAME COLUMN standing_changed TO status_changed")


def downgrade() -> None:
    op.execute("ALTER TABLE wallets RENAME COLUMN status_changed TO standing_changed")
