"""files correct questions."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("id_number", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("file_digest", sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_questions_bank_id_id_number"), ["bank_id", "id_number"])


def downgrade() -> None:
    with op.batch_alter_table("questions", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_questions_bank_id_id_number"), type_="unique")
        batch_op.drop_column("file_digest")
        batch_op.drop_column("id_number")
