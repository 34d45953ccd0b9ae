"""Migrations of a service stand in one line: two branches that took the same number are seen before anything migrates."""

import re
from pathlib import Path

import pytest

from chassis.settings import SERVICES

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("service", SERVICES)
def test_every_migration_of_a_service_follows_the_one_before(service):
    names = sorted(path.name for path in (ROOT / "services" / service / "migrations").glob("[0-9]*.py"))
    numbers = [name.partition("_")[0] for name in names]
    assert numbers == [f"{number:04}" for number in range(1, len(names) + 1)]
    for name, before in zip(names, ["None", *(f'"{number}"' for number in numbers)], strict=False):
        text = (ROOT / "services" / service / "migrations" / name).read_text(encoding="utf-8")
        assert re.search(rf'^revision = "{name[:4]}"$', text, re.MULTILINE)
        assert re.search(rf"^down_revision = {before}$", text, re.MULTILINE)
