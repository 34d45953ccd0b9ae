"""Discussions: topics, questions and requests for help, with what moderators do about them."""
