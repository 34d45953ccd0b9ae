"""What the system tests share."""

import pytest

pytest.register_assert_rewrite("tests.system.journey", "tests.system.api")
