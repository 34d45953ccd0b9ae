"""What the audit takes from a row: kind, id and community."""

from typing import Any

import pytest

from chassis.audit import AuditObject, _object_of
from chassis.ids import new_id
from services.membership.cohorts.models import Cohort
from services.membership.communities.models import Community
from services.membership.departments.models import Department
from services.membership.service_accounts.models import ServiceAccount

ID, HOME = new_id(), new_id()


@pytest.mark.parametrize(
    ("model", "values", "expected"),
    [
        (Cohort, {"id": ID, "community_id": HOME}, AuditObject("cohort", ID, HOME)),
        (Community, {"id": HOME}, AuditObject("community", HOME, HOME)),
        (Department, {"code": "D1"}, AuditObject("department", "D1", None)),
        (ServiceAccount, {"id": ID}, AuditObject("service_account", ID, None)),
    ],
)
def test_a_row_stands_in_the_trail_as_what_it_is(model: Any, values: dict[str, Any], expected: AuditObject):
    assert _object_of(model(**values)) == expected
