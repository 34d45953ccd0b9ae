"""Files of questions, and what was read of them in short."""

from assessment.formats import Found, Refused
from tests.support.needs import ROOT

FILES = ROOT / "tests/unit/assessment/files"


def file(name):
    return (FILES / name).read_bytes()


def text(name):
    return file(name).decode()


def questions_of(read):
    """All that was read, which must be questions and nothing else."""
    found = list(read)
    assert [one for one in found if not isinstance(one, Found)] == []
    return [one.question for one in found]


def found_in(read):
    """The questions, whatever stands between them."""
    return [one.question for one in read if isinstance(one, Found)]


def in_short(read):
    """Each place with the kind of the question, or the code or name of what was none."""
    told = []
    for one in read:
        said = one.question.kind if isinstance(one, Found) else one.code if isinstance(one, Refused) else one.name
        told.append((one.place.row or one.place.line, said))
    return told
