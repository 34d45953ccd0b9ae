"""What is wrong with a value, said by whoever looks at it: a code, and a sentence in both languages with its figures."""

from collections.abc import Sequence


class Wrong(ValueError):
    """A value that cannot be taken. Validators raise it; the answer has its code, and the sentence in the reader's language.

    `at` is a JSON pointer from the value that was looked at to the part at fault.
    """

    def __init__(self, code: str, en: str, zh: str, *, at: str = "") -> None:
        super().__init__(code, en, zh)
        self.at = at
        self.code = code
        self.en = en
        self.zh = zh

    def __str__(self) -> str:
        return self.en


def second_of_two(codes: Sequence[str]) -> int:
    """The place of the first code that was there before."""
    return next(place for place, code in enumerate(codes) if code in codes[:place])
