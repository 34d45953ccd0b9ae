"""Small breakages of the code, each with the tests that should notice it: one TOML file a package."""
