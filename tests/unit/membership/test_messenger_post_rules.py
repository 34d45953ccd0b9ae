"""What becomes of a post by what is heard, in whatever order; how it reads."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.membership.messengers.post_rules import Heard, Post, after, is_given_up, text_of, wait_after

NOW = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)


@st.composite
def histories(draw):
    """What is heard of one thing, by versions without a gap, and the same in another order with some of it twice."""
    kinds = draw(st.lists(st.sampled_from(["news", "state", "gone", "back"]), min_size=1, max_size=6))
    said = [
        Heard(
            version,
            NOW + timedelta(minutes=version),
            draw(st.sampled_from(["announced", "moved", "cancelled"])) if kind == "news" else None,
            title=f"第 {version} 版" if kind in ("news", "state") else None,
            gone=kind == "gone",
            says_state=kind in ("news", "state"),
        )
        for version, kind in enumerate(kinds, start=1)
    ]
    again = draw(st.lists(st.sampled_from(said), max_size=3))
    return said, draw(st.permutations([*said, *again]))


def heard(said):
    post = Post()
    for one in said:
        post = after(post, one)
    return post


@given(histories())
def test_what_is_heard_in_any_order_and_twice_ends_in_the_same(history):
    in_order, otherwise = history
    assert heard(otherwise) == heard(in_order)


@given(histories(), st.integers(min_value=0, max_value=6))
def test_a_post_waits_exactly_while_there_is_news_that_was_not_told_and_it_is_not_gone(history, told):
    said, _ = history
    post = replace(heard(said), told_version=told)
    post = after(post, Heard(0, NOW))
    news = [one.version for one in said if one.news is not None]
    assert (post.waits_since is not None) == (not said[-1].gone and max(news, default=0) > told)


def test_channels_that_fail_rest_for_longer_each_time_up_to_an_hour():
    waits = [wait_after(failures) for failures in range(1, 20)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=1)


def test_a_channel_is_given_up_after_five_days():
    assert not is_given_up(None, NOW)
    assert not is_given_up(NOW - timedelta(days=5) + timedelta(seconds=1), NOW)
    assert is_given_up(NOW - timedelta(days=5), NOW)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("news", ["announced", "moved", "cancelled"])
def test_of_a_private_community_no_title_is_read_and_no_link(locale, news):
    post = Post(title="密", starts_at=NOW, time_zone="Asia/Shanghai", news=news)
    said = {"locale": locale, "community": "社群", "channel": "群", "link": "https://app.example/x"}
    assert "密" in text_of(post, private=False, **said)
    hidden = text_of(post, private=True, **said)
    assert "密" not in hidden
    assert "app.example" not in hidden
    assert "12:00" in hidden


def test_braces_in_a_title_are_only_braces():
    post = Post(title="{community.__class__} {0}", news="started")
    said = text_of(post, locale="en", community="{title}", channel="", private=False, link=None)
    assert said == "[{title}] Announcement: {community.__class__} {0}"
