"""Every operation stands in the permission table and is tried against it, and the table's rows are used."""

from chassis.security.permissions import COLUMNS, catalogue
from contracts.scopes import Scope
from tests.support.needs import ROOT
from tests.system.security.features import recipes
from tests.system.security.operations import PARTS, by_id, table
from tests.system.security.recipe import Recipe

TO_COME = {
    "applications.request_review": "goes by applications.create as yet, whose row is the same",
    "applications.review": "who had no part in a decision does not review it yet",
}
"""Rows of subjects that are there, which nothing goes by as yet, each with the reason. Rows of other subjects just wait."""


def all_recipes() -> list[Recipe]:
    return [one for service in PARTS for some in recipes(service).values() for one in some]


def used() -> set[str]:
    """The rows that an operation or a recipe goes by."""
    labels = {one.permission for one in by_id().values() if not one.is_open}
    return labels | {row for one in all_recipes() for row in (one.row, one.within) if row is not None}


def test_every_permission_of_an_operation_has_a_row():
    assert {
        one.id: one.permission for one in by_id().values() if not one.is_open and one.permission not in table()
    } == {}


def test_every_operation_has_a_recipe_and_every_recipe_an_operation():
    assert {one.operation for one in all_recipes()} == set(by_id())


def test_recipes_lie_with_the_service_of_their_operation():
    lost = {one for service in PARTS for one in recipes(service) if by_id()[one].service != service}
    assert lost == set()


def test_every_operation_needs_a_permission_or_has_a_reason_to_need_none():
    reasoned = {one.operation for one in all_recipes() if one.public}
    assert reasoned == {one.id for one in by_id().values() if one.is_open}


def test_every_declared_permission_is_declared_as_the_table_has_it():
    symbols = {"name": "-", "owner": "y", "lecturer, mentor, moderator": "y", "asker": "o"}
    for name, declared in catalogue.items():
        row = {column: symbols.get(cell, cell) for column, cell in table()[name].items()}
        cells = dict(
            zip(COLUMNS, ("/".join(sorted(reach, reverse=True)) or "-" for reach in declared.cells), strict=True)
        )
        assert cells == row, name


def test_every_declared_permission_is_what_some_operation_goes_by():
    assert set(catalogue) - used() == set()


def test_every_row_of_a_subject_that_is_there_is_used():
    subjects = {name.partition(".")[0] for name in used()}
    waiting = {name for name in table() if name not in used() and name.partition(".")[0] in subjects}
    assert waiting == set(TO_COME)


def test_every_row_has_a_cell_that_is_known_for_every_column():
    known = {"y", "o", "a", "v", "-", "o/a", "name", "asker", "owner", "lecturer, mentor, moderator"}
    assert {name: row for name, row in table().items() if not set(row.values()) <= known} == {}


def test_the_scopes_of_service_accounts_are_the_permissions_that_programs_may_have():
    # The job of an import goes by the scope of the import, that of an export by the export's.
    of_jobs = {"imports.job", "exports.job"}
    assert {name for name, one in catalogue.items() if one.for_service_accounts} - of_jobs == set(Scope)


def test_the_scopes_stand_in_the_documents():
    assert all(f"`{scope}`" in (ROOT / "docs" / "http-guide.md").read_text(encoding="utf-8") for scope in Scope)
