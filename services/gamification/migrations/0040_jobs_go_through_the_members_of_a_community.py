"""jobs go through the members of a community."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("wallets", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_wallets_community_id_member_id"), ["community_id", "member_id"], unique=False
        )
        batch_op.drop_index(batch_op.f("ix_wallets_community_id"))


def downgrade() -> None:
    with op.batch_alter_table("wallets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wallets_community_id"), ["community_id"], unique=False)
        batch_op.drop_index(batch_op.f("ix_wallets_community_id_member_id"))
