"""What is said about files of questions, in English and in Chinese."""

from typing import Final

from assessment.limits import CODES

Texts = dict[str, tuple[str, str]]

REFUSALS: Final[Texts] = {
    **CODES,
}
"""Why a question, or a whole file, cannot be taken: the codes of `assessment.limits`, and those of the formats."""

SKIPPED: Final[Texts] = {
    "*": ("What is called {name} is not held here.", "本系统不支持“{name}”。"),
}
"""Why something is skipped, by its name; `*` for every other."""

LEFT_OUT: Final[Texts] = {}
"""What a question has that is not held: by us of what a file says, or by a format of what we hold."""
