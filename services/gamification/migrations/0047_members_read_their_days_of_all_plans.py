"""members read their days of all plans."""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("plan_entries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_entries_member_id_submitted_at_id"), ["member_id", "submitted_at", "id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("plan_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_entries_member_id_submitted_at_id"))
