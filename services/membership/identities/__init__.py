"""As whom other systems know a person: what a provider's log-in is looked up by."""
