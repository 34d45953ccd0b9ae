"""XML of a workbook as events, without what XML can do beyond carrying data: no DTD, no entities, no piece larger than a cell needs."""

from collections.abc import Callable, Iterable, Iterator
from typing import NoReturn
from xml.parsers import expat

from chassis.problems import Problem
from chassis.tabular.archives import not_xlsx
from chassis.tabular.limits import Meter

Attributes = dict[str, str]
Start = Callable[[str, Attributes], None]
End = Callable[[str], None]
Text = Callable[[str], None]

_LARGEST_TOKEN = 1024 * 1024
_ELEMENTS_BETWEEN_LOOKS = 256
"""Less than a millisecond: one chunk may hold thousands of elements, and whoever reads gently rests at a look."""


def parse(
    chunks: Iterable[bytes], meter: Meter, *, start: Start, end: End | None = None, text: Text | None = None
) -> Iterator[None]:
    """Call back for each element, by its local name, and pause after each chunk. Raises `TABLE_INVALID` where it is not well formed.

    Attributes are named likewise: `r:id` is `id`, whatever prefix the document gives the namespace.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    elements = 0

    def begin(name: str, attributes: Attributes) -> None:
        nonlocal elements
        elements += 1
        if elements % _ELEMENTS_BETWEEN_LOOKS == 0:
            meter.check()
        start(_local(name), {_local(key): value for key, value in attributes.items()} if attributes else attributes)

    parser.StartElementHandler = begin
    if end is not None:
        parser.EndElementHandler = lambda name: end(_local(name))
    if text is not None:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse_dtd
    fed = 0
    try:
        for chunk in chunks:
            meter.check()
            parser.Parse(chunk, False)
            fed += len(chunk)
            if fed - parser.CurrentByteIndex > _LARGEST_TOKEN:
                raise not_xlsx("a piece of its XML is too large")
            yield
        parser.Parse(b"", True)
        yield
    except Problem:
        raise
    except (expat.ExpatError, LookupError, ValueError, OverflowError) as error:
        raise not_xlsx("its XML is damaged") from error


def consume(events: Iterator[None]) -> None:
    """Run through a whole document."""
    for _ in events:
        pass


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _refuse_dtd(*_: object) -> NoReturn:
    raise not_xlsx("it has a document type declaration, which workbooks never need")
