"""The notice that says what is kept of people and why, in versions, and who agreed to which."""
