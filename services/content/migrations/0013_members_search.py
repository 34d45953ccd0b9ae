"""members search."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel import UTCDateTime

from chassis.database.types import JsonDocument, Sequence64

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    generations = op.create_table(
        "search_generations",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cutter", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=True),
        sa.Column("after_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_search_generations")),
    )
    op.create_table(
        "search_documents",
        sa.Column("number", Sequence64, autoincrement=True, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("thing_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("root_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("tags", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("said_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_search_documents")),
        sa.UniqueConstraint("generation", "thing_id", name=op.f("uq_search_documents_generation_thing_id")),
    )
    op.create_table(
        "search_communities",
        sa.Column("messages_published", sa.Integer(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("synonyms", JsonDocument, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_search_communities")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_table(
            "fts_tokens",
            sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("tokens", TSVECTOR(), nullable=False),
            sa.PrimaryKeyConstraint("number", name=op.f("pk_fts_tokens")),
        )
        op.create_index(op.f("ix_fts_tokens_tokens"), "fts_tokens", ["tokens"], postgresql_using="gin")
    else:
        # `ascii` leaves everything beyond ASCII as it is: the tokens are cut already.
        op.execute("CREATE VIRTUAL TABLE fts_tokens USING fts5(scope, title, body, tokenize='ascii')")
        op.execute("CREATE VIRTUAL TABLE fts_terms USING fts5vocab(fts_tokens, row)")
    # What is there already is indexed by a job; meanwhile searches find what is.
    op.bulk_insert(
        generations, [{"number": 1, "cutter": 1, "state": "building", "created_at": datetime(2026, 1, 1, tzinfo=UTC)}]
    )


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        op.drop_table("fts_terms")
    op.drop_table("fts_tokens")
    op.drop_table("search_communities")
    op.drop_table("search_documents")
    op.drop_table("search_generations")
