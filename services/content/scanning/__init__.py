"""What a community's lists of words and rules say of a text, and the lists themselves."""
