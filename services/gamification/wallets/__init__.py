"""What a member has, and how he came by it: wallets and ledger entries as clients see them."""
