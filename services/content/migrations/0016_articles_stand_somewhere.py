"""articles stand somewhere."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "collections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("under_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["collections.id"], name=op.f("fk_collections_parent_id_collections")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collections")),
        sa.UniqueConstraint("under_id", "name", name=op.f("uq_collections_under_id_name")),
    )
    with op.batch_alter_table("collections", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_collections_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_collections_parent_id"), ["parent_id"], unique=False)

    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.add_column(sa.Column("collection_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("featured_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("owner_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("verified_until", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("verified_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("verified_at", UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("verified_note", sa.String(length=1000), nullable=True))
        batch_op.create_index(batch_op.f("ix_articles_collection_id"), ["collection_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_articles_owner_id"), ["owner_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_articles_collection_id_collections"), "collections", ["collection_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("articles", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_articles_collection_id_collections"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_articles_owner_id"))
        batch_op.drop_index(batch_op.f("ix_articles_collection_id"))
        batch_op.drop_column("verified_note")
        batch_op.drop_column("verified_at")
        batch_op.drop_column("verified_by")
        batch_op.drop_column("verified_until")
        batch_op.drop_column("owner_id")
        batch_op.drop_column("featured_at")
        batch_op.drop_column("collection_id")

    with op.batch_alter_table("collections", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_collections_parent_id"))
        batch_op.drop_index(batch_op.f("ix_collections_community_id"))

    op.drop_table("collections")
