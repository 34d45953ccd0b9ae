"""periods are added up from days."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

# What was filled so far has some of its periods already: it is filled anew under another number, and what there is of it goes.
_BEGIN_ANEW = (
    "UPDATE rollup_generations SET deleting = building, building = building % 30000 + 1, passed_verb = NULL, passed_key = NULL"
    " WHERE building IS NOT NULL AND passed_verb IS NOT NULL AND deleting IS NULL"
)


def upgrade() -> None:
    op.add_column("rollup_generations", sa.Column("passed_member_id", sa.Uuid(), nullable=True))
    op.execute(_BEGIN_ANEW)


def downgrade() -> None:
    op.execute(_BEGIN_ANEW)
    op.drop_column("rollup_generations", "passed_member_id")
