"""Backing an installation up at one point in time, and restoring it.

Embedded: one archive file of all SQLite files. Distributed: a directory with a dump of each database and the messages that
were under way between them. In both, no message is half-known: what one service says it sent, the others have, or find waiting.
"""
