"""How the secret of an invitation is written, which events gives out and membership takes."""

import re

PREFIX = "qxi_"
"""Lets secret scanners recognise an invitation that leaked."""

_FORM = re.compile(r"qxi_[A-Za-z0-9_-]{43}")


def is_invitation(text: str) -> bool:
    """Whether a text could be the secret of an invitation: 256 bits in letters and figures."""
    return _FORM.fullmatch(text) is not None
