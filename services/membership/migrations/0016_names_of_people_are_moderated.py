"""What people are called is hidden as long as a list of the company's holds it."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rules = op.create_table(
        "company_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("judges", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_rules")),
    )
    op.bulk_insert(rules, [{"id": 1, "judges": False, "version": 0}])
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hidden_name", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("name_hidden", sa.String(length=16), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("name_hidden")
        batch_op.drop_column("hidden_name")
    op.drop_table("company_rules")
