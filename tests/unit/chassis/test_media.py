"""Which of two forms an `Accept` wants: RFC 9110, 12.5.1."""

import pytest

from chassis.web.media import preferred

OFFERED = ("application/json", "text/html")
JSON, HTML = OFFERED


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("text/html", HTML),
        ("text/*", HTML),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", HTML),
        ("TEXT/HTML;level=1;q=0.2, application/json;q=0.1", HTML),
        ("text/html, application/json", JSON),
        ("text/html;q=0.5, application/json", JSON),
        ("application/json;q=0, */*", HTML),
        ("text/html;q=0, */*", JSON),
        # Nothing fits: then the header is as good as not there.
        ("application/json;q=0", JSON),
        ("text/csv", JSON),
        ("text/html;q=a lot", JSON),
    ],
)
def test_what_is_wanted_most_is_given_and_what_is_wanted_not_at_all_is_not(accept, wanted):
    assert preferred(accept, OFFERED) == wanted
