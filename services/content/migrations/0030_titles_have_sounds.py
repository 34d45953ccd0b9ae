"""titles have sounds."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Where nothing is indexed yet there is nothing to index anew.
    op.execute(
        "UPDATE search_generations SET cutter = 2 WHERE NOT EXISTS (SELECT 1 FROM search_documents) AND cutter = 1"
        " AND NOT EXISTS (SELECT 1 FROM discussions)"
    )


def downgrade() -> None:
    op.execute("UPDATE search_generations SET cutter = 1")
