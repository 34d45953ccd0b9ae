"""Search: what is written here, found by its words, in Chinese and in other languages."""
