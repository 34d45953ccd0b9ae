"""points are kept in lots that run out."""

import sqlalchemy as sa
from alembic import op
from sqlmodel import UTCDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_expiry_policies",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("months", sa.Integer(), nullable=True),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("set_by", sa.String(length=64), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.CheckConstraint("(kind = 'months') = (months IS NOT NULL)", name=op.f("ck_ledger_expiry_policies_months")),
        sa.CheckConstraint("kind IN ('never', 'months', 'year_end')", name=op.f("ck_ledger_expiry_policies_kind")),
        sa.PrimaryKeyConstraint("community_id", name=op.f("pk_ledger_expiry_policies")),
    )
    op.create_table(
        "ledger_lot_uses",
        sa.Column("use_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('hold', 'spend', 'expiry', 'loss')", name=op.f("ck_ledger_lot_uses_kind")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_ledger_lot_uses_amount")),
        sa.PrimaryKeyConstraint("use_id", "lot_id", name=op.f("pk_ledger_lot_uses")),
    )
    with op.batch_alter_table("ledger_lot_uses", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ledger_lot_uses_expired",
            ["lot_id"],
            unique=False,
            postgresql_where=sa.text("kind = 'expiry'"),
            sqlite_where=sa.text("kind = 'expiry'"),
        )

    op.create_table(
        "ledger_lots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("rule_code", sa.String(length=64), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("earned_at", UTCDateTime(), nullable=False),
        sa.Column("not_before", UTCDateTime(), nullable=True),
        sa.Column("remaining", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("expired", sa.Integer(), nullable=False),
        sa.CheckConstraint("remaining >= 0 AND held >= 0 AND expired >= 0", name=op.f("ck_ledger_lots_not_below_zero")),
        sa.ForeignKeyConstraint(["member_id"], ["wallets.member_id"], name=op.f("fk_ledger_lots_member_id_wallets")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_lots")),
        sa.UniqueConstraint(
            "member_id", "source_id", "rule_code", name=op.f("uq_ledger_lots_member_id_source_id_rule_code")
        ),
    )
    with op.batch_alter_table("ledger_lots", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ledger_lots_free",
            ["community_id", "member_id", "earned_at"],
            unique=False,
            postgresql_where=sa.text("remaining > 0"),
            sqlite_where=sa.text("remaining > 0"),
        )

    with op.batch_alter_table("wallets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("debt", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(sa.Column("lots_kept", sa.Boolean(), server_default=sa.text("(false)"), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("wallets", schema=None) as batch_op:
        batch_op.drop_column("lots_kept")
        batch_op.drop_column("debt")

    with op.batch_alter_table("ledger_lots", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_ledger_lots_free", postgresql_where=sa.text("remaining > 0"), sqlite_where=sa.text("remaining > 0")
        )

    op.drop_table("ledger_lots")
    with op.batch_alter_table("ledger_lot_uses", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_ledger_lot_uses_expired",
            postgresql_where=sa.text("kind = 'expiry'"),
            sqlite_where=sa.text("kind = 'expiry'"),
        )

    op.drop_table("ledger_lot_uses")
    op.drop_table("ledger_expiry_policies")
