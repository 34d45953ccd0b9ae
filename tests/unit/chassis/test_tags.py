import pytest

from chassis.web.tags import normal_tags
from chassis.wrong import Wrong


def test_tags_that_are_written_differently_are_one():
    assert normal_tags(["#Python", " ＰＹＴＨＯＮ ", "Lesson  Plan", "教案"]) == ["python", "lesson-plan", "教案"]


@pytest.mark.parametrize("text", ["#", "\u200b", "\ufdfa\ufdfa"])
def test_a_tag_says_something_and_no_more_than_its_column_holds(text):
    with pytest.raises(Wrong):
        normal_tags([text])
