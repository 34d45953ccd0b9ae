"""streams are opened by tickets."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_INDEXED = ("expires_at", "person_id", "session_id")


def upgrade() -> None:
    op.create_table(
        "stream_tickets",
        sa.Column("ticket_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_stream_tickets_person_id_people"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_stream_tickets_session_id_sessions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_hash", name=op.f("pk_stream_tickets")),
    )
    with op.batch_alter_table("stream_tickets", schema=None) as batch_op:
        for name in _INDEXED:
            batch_op.create_index(batch_op.f(f"ix_stream_tickets_{name}"), [name], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("stream_tickets", schema=None) as batch_op:
        for name in _INDEXED:
            batch_op.drop_index(batch_op.f(f"ix_stream_tickets_{name}"))

    op.drop_table("stream_tickets")
