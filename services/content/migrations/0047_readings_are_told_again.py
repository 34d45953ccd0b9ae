"""readings are told again.

Of what was told before, the last message of a reader has the greatest version; where both are known, the earlier one gets the version
before it. What was told then has no id that is known.
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

COLUMNS = (
    ("read_at", UTCDateTime()),
    ("read_no", sa.Integer()),
    ("read_as", sa.Uuid()),
    ("rated_no", sa.Integer()),
    ("rated_as", sa.Uuid()),
)


def upgrade() -> None:
    with op.batch_alter_table("article_readings", schema=None) as batch_op:
        for name, kind in COLUMNS:
            batch_op.add_column(sa.Column(name, kind, nullable=True))
    names = ("messages_published", "viewed_at", "rated_at", *(name for name, _ in COLUMNS))
    table = sa.table("article_readings", *(sa.column(name) for name in names))
    read, rated, last = table.c.viewed_at, table.c.rated_at, table.c.messages_published
    op.execute(
        table.update()
        .where(read.is_not(None))
        .values(read_at=read, read_no=sa.case((rated > read, last - 1), else_=last))
    )
    op.execute(table.update().where(rated.is_not(None)).values(rated_no=sa.case((read >= rated, last - 1), else_=last)))


def downgrade() -> None:
    with op.batch_alter_table("article_readings", schema=None) as batch_op:
        for name, _ in COLUMNS:
            batch_op.drop_column(name)
