"""series are named by their latest activity."""

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("attended_activities", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_attended_activities_series_id_starts_at"), ["series_id", "starts_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("attended_activities", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_attended_activities_series_id_starts_at"))
