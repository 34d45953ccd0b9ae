"""Question banks of 5,000 questions read from each format, and an attempt of 100 questions graded: CPU alone, nothing is stored."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from time import process_time

from assessment.attempts import Saved
from assessment.formats import (
    Found,
    Read,
    Tabulated,
    Written,
    is_heading,
    read_aiken,
    read_gift,
    read_moodle_xml,
    read_table,
    template,
    write_aiken,
    write_gift,
    write_moodle_xml,
    write_table,
)
from assessment.questions import Answer, Question
from assessment.scoring import result
from benchmarks.figures import Figure, end_with
from chassis.tabular import decoded, sheet_rows
from chassis.tabular.writing import csv_file, xlsx_file

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
QUESTIONS = 5_000
SECONDS = 10
IN_AN_ATTEMPT = 100


def run(questions: int = QUESTIONS) -> list[Figure]:
    """The CPU of each format, and of grading."""
    samples = [one.question for one in read_table(enumerate(template(), start=1)) if isinstance(one, Found)]
    gift = write_gift(_bank(write_gift, samples, questions)).text.encode()
    aiken = write_aiken(_bank(write_aiken, samples, questions)).text.encode()
    xml = write_moodle_xml(_bank(write_moodle_xml, samples, questions)).text.encode()
    rows = write_table(_bank(write_table, samples, questions)).rows
    csv, xlsx = csv_file(rows), xlsx_file(rows, title="题库")
    readers: dict[str, Callable[[], Iterator[Read]]] = {
        "GIFT": lambda: read_gift(decoded(gift)),
        "Aiken": lambda: read_aiken(decoded(aiken)),
        "Moodle XML": lambda: read_moodle_xml(xml),
        "CSV": lambda: read_table(sheet_rows(csv, knows=is_heading)),
        "XLSX": lambda: read_table(sheet_rows(xlsx, knows=is_heading)),
    }
    return [
        *(_reading(name, read, questions) for name, read in readers.items()),
        _grading(_bank(write_table, samples, IN_AN_ATTEMPT)),
    ]


def _bank(
    write: Callable[[list[Question]], Written | Tabulated], samples: list[Question], count: int
) -> list[Question]:
    """So many questions of the kinds that a format holds."""
    held = [one for one in samples if not any(left.altogether for left in write([one]).left_out)]
    return [replace(held[place % len(held)], text=f"{held[place % len(held)].text} {place}") for place in range(count)]


def _reading(name: str, read: Callable[[], Iterator[Read]], written: int) -> Figure:
    began = process_time()
    found = sum(isinstance(one, Found) for one in read())
    spent = process_time() - began
    if found != written:
        raise ValueError(f"{name}: {found} of {written} questions were read")
    return Figure(
        f"import of {written:,} questions from {name}, CPU", f"{spent:.2f} s", "", spent, SECONDS, "most", "s"
    )


def _grading(questions: list[Question]) -> Figure:
    asked = {str(place): question for place, question in enumerate(questions)}
    saves = {place: Saved(_known(question), 1, NOW) for place, question in asked.items()}
    began = process_time()
    for _ in range(10):
        result(asked, saves, {})
    spent = (process_time() - began) / 10 * 1_000
    return Figure(
        f"grading of an attempt of {len(asked)} questions, CPU", f"{spent:.2f} ms", "", spent, 50, "most", "ms"
    )


def _known(question: Question) -> Answer:
    return Answer(
        question.right_keys,
        tuple(blank.accepted[-1].text for blank in question.blanks),
        tuple((one.key, one.match) for one in question.stems),
    )


if __name__ == "__main__":
    end_with(run(*map(int, sys.argv[1:2])))
