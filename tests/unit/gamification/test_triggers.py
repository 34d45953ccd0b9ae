"""Each kind of deed is declared once, and a declaration that cannot work fails when it is made."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import create_model

from chassis.ids import new_mask
from chassis.testing import received
from contracts import content, events
from services.gamification.earning.catalogue import Triggers
from services.gamification.earning.declaration import Change, Content, Thing, ToCome, Trigger
from services.gamification.earning.defaults import DEFAULT_RULES, TITLES, check
from services.gamification.earning.models import RecordedOccurrence
from services.gamification.earning.rules import Condition, RuleVersion
from services.gamification.earning.triggers import TRIGGERS
from tests.support.examples import with_one_id

AT = datetime(2024, 3, 4, tzinfo=UTC)
ONE_ID = UUID(int=7)
DECLARED = tuple(TRIGGERS.by_name.values())
ARTICLE = TRIGGERS.by_name["article.published"]

LOCAL = create_model("Local", member_id=(UUID, ...))

# Trigger: namespace of the thing, whom it pays, what rules may test.
STORED = {
    "member.joined": ("member", "member", "via channel"),
    "checkin.recorded": ("checkin", "member", "origin"),
    "streak.completed_week": ("streak_week", "member", "length"),
    "kudos.given": ("kudos", "recipient", "value_code"),
    "plan.completed": ("plan", "member", "days"),
    "discussion.started": ("discussion", "author", "kind tags"),
    "reply.posted": ("reply", "author", "kind discussion_kind first_by_other"),
    "answer.accepted": ("answer", "answerer", "tags"),
    "reaction.added": ("reaction", "author", "reaction object_kind tags"),
    "article.published": ("article", "author", "kind tags visibility"),
    "content.featured": ("featured", "author", "object_kind"),
    "idea.proposed": ("idea", "author", "tags"),
    "idea.decided": ("decision", "author", "to tags"),
    "attendance.recorded": ("attendance", "member", "activity_kind role extent minutes method walk_in"),
    "survey.answered": ("survey_answer", "member", "about_kind"),
    "survey.participated": ("participation", "member", ""),
    "contest.finished": ("contest_place", "member", "rank score team"),
    "mentorship.completed": ("mentorship", "mentor mentee", ""),
}

by_trigger = pytest.mark.parametrize("trigger", DECLARED, ids=lambda trigger: trigger.name)


def a_reading(**changes) -> Trigger:
    """A deed of a reader about an article, as it would be declared."""
    values: dict[str, Any] = {
        "message": content.ArticleRead,
        "en": "Read an article",
        "zh": "阅读文章",
        "pays": {"reader": "member_id"},
        "thing": Thing("reading", "article_id"),
        "attributes": ("finished", "progress", "tags"),
    }
    return Trigger(**values | changes)


def occurrences_of(trigger: Trigger):
    return list(trigger.occurrences(with_one_id(trigger.message, ONE_ID), source_id=ONE_ID, occurred_at=AT))


def paths_of(trigger: Trigger) -> list[str]:
    about = trigger.about
    named = [f"{about.field}.kind", f"{about.field}.id"] if isinstance(about, Content) else [about.id] if about else []
    by = [trigger.by] if trigger.by else []
    return ["community_id", trigger.thing.id, *trigger.pays.values(), *trigger.attributes, *named, *by]


def renamed(message: Any, path: str) -> Any:
    """The same message with one field under another name."""
    first, _, rest = path.partition(".")
    fields: dict[str, Any] = {name: (field.annotation, field) for name, field in message.model_fields.items()}
    if rest:
        fields[first] = (renamed(message.model_fields[first].annotation, rest), ...)
    else:
        fields[f"{first}_renamed"] = fields.pop(first)
    return create_model(message.__name__, **fields)


def renamed_message(change: Change, path: str) -> Change:
    known = renamed(change.message, path)
    known.SUBJECT_FIELD = change.message.SUBJECT_FIELD
    return replace(change, message=known)


@by_trigger
def test_a_deed_is_told_with_whom_it_pays_and_every_attribute(trigger):
    found = occurrences_of(trigger)
    assert {occurrence.beneficiary for occurrence in found} == set(trigger.pays)
    for occurrence in found:
        assert occurrence.member_id == ONE_ID
        assert occurrence.attributes.keys() == trigger.tests.keys()
        assert None not in occurrence.attributes.values()


@pytest.mark.parametrize(
    ("trigger", "path"),
    [pytest.param(trigger, path, id=f"{trigger.name}-{path}") for trigger in DECLARED for path in paths_of(trigger)],
)
def test_a_renamed_field_fails_when_the_deed_is_declared(trigger, path):
    with pytest.raises(TypeError, match=f"{trigger.message.__name__} has no field {path}"):
        replace(trigger, message=renamed(trigger.message, path), name=trigger.name, apart=True)


@pytest.mark.parametrize(
    ("trigger", "change", "path"),
    [
        pytest.param(trigger, change, path, id=f"{change.message.__name__}-{path}")
        for trigger in DECLARED
        for change in trigger.undone_by + trigger.redone_by
        for thing, members in [trigger.of_change(change)]
        for path in [thing, *members]
    ],
)
def test_a_renamed_field_of_what_undoes_a_deed_fails_as_well(trigger, change, path):
    with pytest.raises(TypeError, match=f"{change.message.__name__} has no field {path}"):
        replace(trigger, undone_by=(renamed_message(change, path),))


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"pays": {"reader": "progress"}}, "progress is"),
        ({"pays": {}}, "pays nobody"),
        ({"thing": Thing("reading", "tags")}, "tags is"),
        ({"by": "tags"}, "tags is"),
        ({"attributes": ("community_id",)}, "community_id is"),
        ({"about": Content("member_id")}, "has no field member_id.kind"),
        ({"about": Thing("article", "finished")}, "finished is"),
        ({"undone_by": (Change(content.DiscussionRemoved, thing="root_id", members=("author_ids",)),)}, "not about"),
        ({"message": LOCAL, "apart": True}, "has no type"),
        ({"message": LOCAL, "name": "local.done"}, "is no message"),
    ],
)
def test_a_declaration_that_the_message_cannot_keep_is_refused(changes, what):
    with pytest.raises(TypeError, match=what):
        a_reading(**changes)


def test_two_kinds_of_deed_have_no_namespace_in_common():
    with pytest.raises(TypeError, match="namespace article"):
        Triggers((ARTICLE, a_reading(thing=Thing("article", "article_id"))))


def test_the_readers_point_stays_when_the_article_goes():
    reading = a_reading()
    triggers = Triggers((*DECLARED, reading))
    gone, _ = triggers.states_after([received(with_one_id(content.ArticleRemoved, ONE_ID), occurred_at=AT)])
    states = {(target.kind, target.id) for target in gone}
    assert states.isdisjoint(occurrences_of(reading)[0].targets)
    assert not states.isdisjoint(occurrences_of(ARTICLE)[0].targets)


@pytest.mark.parametrize(
    "reading",
    [
        a_reading(about=Thing("article", "article_id")),
        a_reading(thing=Thing("article", "article_id"), shares_with="article.published"),
    ],
    ids=["about", "shared"],
)
def test_the_readers_point_goes_with_the_article_where_this_is_declared(reading):
    gone, _ = Triggers((ARTICLE, reading)).states_after(
        [received(with_one_id(content.ArticleRemoved, ONE_ID), occurred_at=AT)]
    )
    assert not {(target.kind, target.id) for target in gone}.isdisjoint(occurrences_of(reading)[0].targets)


@pytest.mark.parametrize("message", TRIGGERS.changes, ids=lambda message: message.TYPE)
def test_what_undoes_one_deed_touches_no_other_that_has_the_same_id(message):
    """All things have one id here, so that nothing but the namespace tells them apart."""
    states, _ = TRIGGERS.states_after([received(with_one_id(message, ONE_ID), occurred_at=AT)])
    touched = {(target.kind, target.id) for target in states}
    declared = {
        trigger.name
        for trigger in DECLARED
        if any(change.message is message for change in trigger.undone_by + trigger.redone_by)
    }
    hit = {trigger.name for trigger in DECLARED if touched & {t for o in occurrences_of(trigger) for t in o.targets}}
    # The content that examples react to or feature is an article; an accepted answer hangs on its reply.
    hangs_on = {
        "article": {"reaction.added", "content.featured"},
        "reply": {"answer.accepted"},
        "idea": {"idea.decided"},
    }
    assert hit == declared.union(*(hangs_on.get(kind, set()) for kind, _ in touched))


def test_the_newest_message_about_a_thing_says_whether_it_counts():
    removed, restored = (with_one_id(each, ONE_ID) for each in (content.ArticleRemoved, content.ArticleRestored))
    told = [received(restored, occurred_at=AT, version=3), received(removed, occurred_at=AT, version=2)]
    for order in (told, told[::-1]):
        states, members = TRIGGERS.states_after(order)
        assert (list(states.values()), members) == ([("counts", 3)], {ONE_ID})


@pytest.mark.parametrize(
    ("declared", "to_come", "what"),
    [
        ((ARTICLE, ARTICLE), (), "more than one trigger article.published"),
        ((ARTICLE,), (ToCome("article.published", "Article", "文章"),), "more than one trigger article.published"),
        ((ARTICLE, replace(ARTICLE, name="again", thing=Thing("again", "article_id"))), (), "ArticlePublished"),
        ((a_reading(about=Thing("aritcle", "article_id")),), (), "no other trigger has the namespace 'aritcle'"),
        ((a_reading(about=Thing("reading", "article_id")),), (), "no other trigger has the namespace 'reading'"),
        ((ARTICLE, a_reading(shares_with="article.published")), (), "has no namespace 'reading'"),
        (
            (
                replace(
                    ARTICLE,
                    undone_by=(*ARTICLE.undone_by, Change(events.AttendanceRevoked, "attendance_id", ("member_id",))),
                ),
            ),
            (),
            "no order",
        ),
    ],
)
def test_triggers_in_each_others_way_are_refused(declared, to_come, what):
    with pytest.raises(TypeError, match=what):
        Triggers(declared, to_come)


@pytest.mark.parametrize(
    "rule",
    [
        RuleVersion("r", "article.publishd", points=1, xp=1, beneficiary="author"),
        RuleVersion("r", "article.published", points=1, xp=1, beneficiary="autor"),
        RuleVersion("r", "article.published", points=1, xp=1, beneficiary="author", when=(Condition("knd", "eq", ""),)),
        RuleVersion(
            "r",
            "article.published",
            points=1,
            xp=1,
            beneficiary="author",
            when=(Condition("kind", "in", ("guide", "case-study")),),
        ),
    ],
    ids=["trigger", "beneficiary", "attribute", "value"],
)
def test_a_default_rule_that_could_never_pay_fails_at_once(rule):
    with pytest.raises(TypeError, match="r: "):
        check([rule])


def test_triggers_and_default_rules_have_titles_in_both_languages():
    titles = [(each.en, each.zh) for each in DECLARED]
    titles += [(each.en, each.zh) for each in (TRIGGERS.to_come | TRIGGERS.settled).values()]
    titles += [TITLES[rule.code] for rule in DEFAULT_RULES]
    for english, chinese in titles:
        assert english.isascii()
        assert re.search(r"[\u4e00-\u9fff]", chinese)


@pytest.mark.parametrize("name", STORED)
def test_names_that_databases_hold_stay(name):
    """Rules and what happened are kept for ever under these names: add to them, and to this list, but rename none."""
    namespace, pays, tests = STORED[name]
    trigger = TRIGGERS.by_name[name]
    assert trigger.thing.namespace == namespace
    assert trigger.pays.keys() >= set(pays.split())
    assert trigger.tests.keys() >= set(tests.split())


def test_the_list_of_names_that_stay_is_whole():
    assert STORED.keys() == TRIGGERS.by_name.keys()


def test_names_fit_their_columns():
    columns = RecordedOccurrence.__table__.c  # type: ignore[attr-defined]
    for trigger in DECLARED:
        assert len(trigger.name) <= columns.trigger.type.length
        assert len(trigger.thing.namespace) <= columns.target_kind.type.length
        assert all(len(beneficiary) <= columns.beneficiary.type.length for beneficiary in trigger.pays)


def test_who_is_not_named_is_paid_nothing_and_all_of_them_are_one_giver():
    def paid(name: str, **ids: UUID) -> list[Any]:
        trigger = TRIGGERS.by_name[name]
        data = with_one_id(trigger.message, ONE_ID).model_copy(update=ids)
        return list(trigger.occurrences(data, source_id=ONE_ID, occurred_at=AT))

    assert paid("discussion.started", author_id=new_mask()) == []
    assert paid("answer.accepted", answerer_id=new_mask()) == []
    one, another = (paid("answer.accepted", asker_id=new_mask()) for _ in range(2))
    assert [(item.member_id, item.own) for item in one] == [(ONE_ID, False)]
    assert one == another
