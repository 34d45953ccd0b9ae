"""What a file is, from its bytes."""

import pytest

from services.content.attachments.sniffing import HEAD, type_of


@pytest.mark.parametrize("part", [b"<!---->", b"<!--", b"<?xml ?>", b"<!doctype a>\n", b"<!-->", b" "])
def test_bytes_that_nearly_are_markup_many_times_over_are_soon_known_to_be_none(part):
    # A pattern that tries all ways to read them would still be at it when this machine is scrapped.
    assert type_of((part * HEAD)[:HEAD], "甲.txt") == "text/plain"


@pytest.mark.parametrize(
    "before", [b"", b"<?xml version='1.0'?>\n<!-- a --><!---->\n", b"<!doctype svg>\n<!-- <html> -->"]
)
def test_markup_is_known_behind_whatever_may_come_before_it(before):
    assert type_of(before + b"<SVG onload='1'/>", "图.txt") == "image/svg+xml"
