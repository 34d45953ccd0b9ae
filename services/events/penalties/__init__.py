"""What penalties say of who may come: suspensions and expulsions, and which of their time should not have been."""
