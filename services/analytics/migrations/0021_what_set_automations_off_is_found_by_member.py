"""what set automations off is found by member."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("automation_firings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_automation_firings_member_id"), ["member_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("automation_firings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_automation_firings_member_id"))
