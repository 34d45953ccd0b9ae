"""Each button of a piece of content is shown by its `viewer`: what can be done with it is named there."""

import re

import pytest

from qunxue.documents import merged_openapi
from services.content.articles import views as articles
from services.content.discussions import viewing as discussions
from services.content.feedback import views as feedback
from services.content.ideas import views as ideas
from services.content.replies import views as replies

ACTIONS = {
    "/v1/discussions/{discussion_id}": {
        *discussions.ACTIONS,
        *discussions.OF_UNNAMED,
        *(action for actions in discussions.OF_KINDS.values() for action in actions),
    },
    "/v1/discussions/feedback/{feedback_id}": {*feedback.ACTIONS},
    "/v1/replies/{reply_id}": {*replies.ACTIONS},
    "/v1/articles/{article_id}": {*articles.ACTIONS},
    "/v1/ideas/{idea_id}": {*ideas.ACTIONS},
}
CALLED = {
    "reactions": "react",
    "rating": "rate",
    "copies": "copy",
    "replies": "reply",
    "author": "unmask",
    "PATCH": "update",
}
"""What an operation is called there, if it is not the last word of its path."""
OF_ONESELF = {"read", "bookmark", "subscription", "progress"}
"""What every member who sees it does for themselves: `mine` has how it stands."""
ELSEWHERE = {"/v1/discussions/{discussion_id}": {"reply"}}
"""What is done with it by an operation that has another path."""


@pytest.mark.parametrize("one", ACTIONS)
def test_each_command_has_its_button_and_each_button_its_command(one):
    paths = merged_openapi()["paths"]
    words = {"PATCH"} if "patch" in paths[one] else set()
    for path, methods in paths.items():
        found = re.fullmatch(re.escape(one) + r"/([a-z-]+)(/\{reaction\})?", path)
        if found and methods.keys() & {"post", "put"}:
            words.add(found[1])
    done = {CALLED.get(word, word) for word in words - OF_ONESELF}
    assert done, "the paths are others"
    assert done | ELSEWHERE.get(one, set()) == ACTIONS[one]
