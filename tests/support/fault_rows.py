"""The rows of the table in docs/faults.md: one for each test marked `fault`, printed at the end of `make faults`."""

from collections.abc import Sequence

import pytest

from tests.support.scale import FULL


def note(items: Sequence[pytest.Item]) -> None:
    """Keep with each test which faults it is about (`pytest.mark.fault(6)`) and the seed of its module."""
    for item in items:
        numbers = sorted({number for marker in item.iter_markers("fault") for number in marker.args})
        if item.get_closest_marker("fault") is not None:
            item.user_properties.append(("faults", numbers))
            item.user_properties.append(("seed", getattr(getattr(item, "module", None), "SEED", None)))


def rows(reporter: pytest.TerminalReporter) -> list[str]:
    """By fault: what was tested, how it came out, how long it took, and from which seed."""
    found = []
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in reporter.stats.get(outcome, []):
            about = dict(getattr(report, "user_properties", ()))
            if "faults" in about and (report.when == "call" or outcome != "passed"):
                numbers = about["faults"]
                shown = ", ".join(map(str, numbers)) or "–"
                test = report.nodeid.removeprefix("tests/").replace("::", " ")
                row = f"| {shown} | {test} | {outcome} | {report.duration:.0f} s | {about['seed'] or ''} |"
                found.append((numbers, row))
    return [row for _, row in sorted(found)]


def summarise(reporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Only where the faults were what was asked for."""
    if config.option.markexpr == "fault":
        reporter.section(f"faults, {'full' if FULL else 'reduced'} figures")
        for row in ("| fault | test | result | time | seed |", "|---|---|---|---|---|", *rows(reporter)):
            reporter.write_line(row)
