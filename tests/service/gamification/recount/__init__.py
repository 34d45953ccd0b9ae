"""A second bookkeeper, who has never seen the product: a random community is counted twice and must come out the same."""
