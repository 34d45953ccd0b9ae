"""What earning rules can pay, as a page for people who write rules."""

from collections.abc import Iterator

from services.gamification.earning.declaration import Change, Content, Thing, Trigger
from services.gamification.earning.fields import Attribute, Form
from services.gamification.earning.refusal_texts import TEXTS
from services.gamification.earning.triggers import TRIGGERS

HEAD = """# Triggers of earning rules

<!-- Written by `qunxue triggers -o docs/triggers.md`; a test fails when it is not what the code says. -->

An earning rule (`PUT /v1/earning-rules/{code}`) names a `trigger`, and pays for each deed of this kind. Its `beneficiary` is one of
*pays*, by default the first. Its `when` tests the listed attributes. With `once_per: target`, a member is paid once for each
*thing*. The payment is taken back if the deed is undone, or if the thing that it belongs to is removed. It is paid again if the deed is redone.

| trigger | zh-CN | en | pays | thing | attributes | undone by | redone by |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""

TO_COME = """
## To come

Some default rules have these triggers, but such deeds are not reported yet. A new rule with one of them is refused (`trigger_to_come`).

| trigger | zh-CN | en |
| --- | --- | --- |
"""

SETTLED = """
## Settled without a rule

Default rules with these triggers only say what is usual: 10, 30 and 60 points by severity. A penalty takes the fine that it has, and gives it back when it is lifted. A rule with one of them is refused (`settled`).

| trigger | zh-CN | en |
| --- | --- | --- |
"""

REFUSED = """
## Why less was paid

What an outcome (`GET /v1/earning-outcomes`) or a check-in says by `code`, and in words by `text`. The last two say why a single deed has no outcome.

| code | zh-CN | en |
| --- | --- | --- |
"""

_FORMS: dict[Form, str] = {"text": "text", "texts": "a list of texts", "number": "a number", "truth": "true or false"}


def page() -> str:
    """The whole page as Markdown."""
    rows = [_row(_cells(trigger)) for trigger in TRIGGERS.by_name.values()]
    to_come, settled = (
        [_row([f"`{each.name}`", each.zh, each.en]) for each in some.values()]
        for some in (TRIGGERS.to_come, TRIGGERS.settled)
    )
    refused = [_row([f"`{code}`", zh, en]) for code, (en, zh) in TEXTS.items()]
    return HEAD + "".join(rows) + TO_COME + "".join(to_come) + SETTLED + "".join(settled) + REFUSED + "".join(refused)


def _cells(trigger: Trigger) -> Iterator[str]:
    yield f"`{trigger.name}`"
    yield trigger.zh
    yield trigger.en
    yield ", ".join(f"`{beneficiary}`" for beneficiary in trigger.pays)
    yield _thing(trigger)
    yield "<br/>".join(_attribute(each) for each in trigger.tests.values()) or "–"
    yield _messages(trigger.undone_by)
    yield _messages(trigger.redone_by)


def _thing(trigger: Trigger) -> str:
    thing = f"`{trigger.thing.namespace}`"
    match trigger.about:
        case None:
            return thing
        case Thing(namespace, _):
            return f"{thing} of a `{namespace}`"
        case Content():
            return f"{thing} of a piece of content"


def _attribute(attribute: Attribute) -> str:
    values = ", ".join(f"`{value}`" for value in attribute.known) or _FORMS[attribute.form]
    return f"`{attribute.name}`: {values}"


def _messages(changes: tuple[Change, ...]) -> str:
    return ", ".join(f"`{change.message.TYPE}`" for change in changes) or "–"


def _row(cells: Iterator[str] | list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
