"""What a mail server's refusal means; pure."""

import re
from typing import Final

_ENHANCED: Final = re.compile(r"^\s*([245])\.(\d{1,3})\.(\d{1,3})\b")
_NO_SUCH_MAILBOX: Final = frozenset({550, 551, 553})


def names_no_mailbox(code: int, said: str) -> bool:
    """Whether a permanent refusal with this code and text says that there is no such mailbox, and not that it is full or unwanted there."""
    enhanced = _ENHANCED.match(said)
    if enhanced is None:
        return code in _NO_SUCH_MAILBOX
    return enhanced[2] == "1" or (enhanced[2], enhanced[3]) == ("2", "1")
