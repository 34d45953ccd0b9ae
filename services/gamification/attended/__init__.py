"""Who was at which activity, as far as certificates and certifications ask for it."""
