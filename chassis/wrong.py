"""What is wrong with a value, said by whoever looks at it: a code, and a sentence in both languages with its figures."""


class Wrong(ValueError):
    """A value that cannot be taken. Validators raise it; the answer has its code, and the sentence in the reader's language."""

    def __init__(self, code: str, en: str, zh: str) -> None:
        super().__init__(code, en, zh)
        self.code = code
        self.en = en
        self.zh = zh

    def __str__(self) -> str:
        return self.en
