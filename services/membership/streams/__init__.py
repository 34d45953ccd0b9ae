"""Whose live streams may be opened and stay open; the streams themselves are the gateway's."""
