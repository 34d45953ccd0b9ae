"""Whoever wrote code against the last release's documents can go on with it, but for what is said."""

import tomllib
from pathlib import Path

from tests.support import surface
from tests.support.breaking import breaking
from tests.support.needs import ROOT

AGAIN = "\n\nIf it must be: CONTRIBUTING.md, A release, says where it is allowed and told."


def allowed() -> dict[str, str]:
    listed = tomllib.loads(surface.ALLOWED.read_text(encoding="utf-8")).get("allowed", [])
    return {one["change"]: one["because"] for one in listed}


def test_nothing_breaks_since_the_last_release_but_what_is_allowed():
    changes = breaking(surface.released(), surface.today())
    unexpected = [one for one in changes if one not in allowed()]
    assert unexpected == [], "\n".join(unexpected) + AGAIN


def test_what_is_allowed_to_break_does():
    assert allowed().keys() - set(breaking(surface.released(), surface.today())) == set()


def test_what_breaks_is_told_in_the_changelog():
    """By the words that stand in `because`: a reader of the changelog learns of each."""
    told = " ".join(Path(ROOT, "CHANGELOG.md").read_text(encoding="utf-8").split())
    assert [one for one in allowed().values() if one not in told] == []
