"""Attachments: files that members send, and what names them. What reads them stands above: it is asked by an occasion."""
