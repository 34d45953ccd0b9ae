"""Replies: answers and comments, which of them helped, and what becomes of them."""
