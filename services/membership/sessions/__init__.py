"""Being logged in: families of refresh tokens, what ends them, and who is told of it."""
