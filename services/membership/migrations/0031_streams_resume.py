"""streams resume."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notification_changes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_notification_changes_person_id_xact_seq"), ["person_id", "xact", "seq"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("notification_changes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notification_changes_person_id_xact_seq"))
