"""What a member has, and how they got it: wallets and ledger entries as clients see them."""
