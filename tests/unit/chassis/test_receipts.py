"""Receipts of files, as releases of two ages read them."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

import pytest

from chassis.ids import new_id
from chassis.receipts import Receipt, receipt_in, receipt_of
from chassis.signed import signature_of

KEY = b"k" * 32
UNTIL = datetime(2026, 9, 1, tzinfo=UTC)


@pytest.mark.parametrize("community_id", [new_id(), None])
def test_a_receipt_of_a_later_release_that_says_more_is_read_all_the_same(community_id):
    file = Receipt(new_id(), new_id(), community_id, "evidence", "笔记.png", "image/png", 2000, previews=True)
    payload = receipt_of(KEY, file, UNTIL).partition(".")[0]
    said = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    more = urlsafe_b64encode(json.dumps(said | {"pages": 3, "of": {"a": 1}}).encode()).decode().rstrip("=")
    assert receipt_in(KEY, f"{more}.{signature_of(KEY, 'receipt', more)}") == (file, UNTIL)
    assert receipt_in(KEY, f"{more}.{signature_of(KEY, 'address', more)}") is None
