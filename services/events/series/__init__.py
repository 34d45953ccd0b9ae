"""Activities that come again and again."""
