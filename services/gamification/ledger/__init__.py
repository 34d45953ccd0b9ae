"""The double-entry ledger: transfers, wallets, reversals, verification."""
