"""What deeds earn: versioned rules, folded over what happened."""
