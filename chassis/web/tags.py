"""Tags, as members write them and as they are kept and looked for."""

from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from chassis.text import comparable, one_line
from chassis.wrong import Wrong

LONGEST_TAG: Final = 30


def normal_tag(text: str) -> str:
    """A tag as it is kept and looked for: `＃Python ` is `python`. Raises ValueError where nothing of it can be seen."""
    tag = one_line(comparable(text).lstrip("#").casefold()).replace(" ", "-")
    if len(tag) > LONGEST_TAG:
        # Some characters are a whole phrase once they are spelt out.
        raise Wrong("too_long", f"At most {LONGEST_TAG} characters.", f"最多 {LONGEST_TAG} 个字符。")
    return tag


def normal_tags(texts: Iterable[str]) -> list[str]:
    """The tags in their order, each once."""
    return list(dict.fromkeys(map(normal_tag, texts)))


Tag = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TAG), AfterValidator(normal_tag)]
Tags = Annotated[list[Tag], Field(max_length=10), AfterValidator(normal_tags)]
