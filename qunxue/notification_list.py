"""The list of what people are told, written from the code: every message, and the words for it."""

from qunxue.contract_documents import all_types
from services.membership.notifications.handlers import ALL_NEWS
from services.membership.notifications.rules import CHANNELS, setting_of
from services.membership.notifications.templates import CATEGORY_TITLES, TEMPLATES
from services.membership.notifications.untold import NOT_TOLD

_HEAD = """# What people are told

<!-- Written by `qunxue notifications`; a test fails when it is not what the code says. -->

Everybody has an inbox (`GET /v1/notifications`). Here is every message of every service, and who is told of it. History that is imported is told to
nobody. Nobody is told of what they did themselves. Who left a community, or is suspended, is told only what is decided about them. What is removed, undone or taken
back is withdrawn from every inbox; what is withdrawn before it was told is never told.

"""


def page() -> str:
    """The document."""
    return _HEAD + _categories() + _told() + _templates() + _untold()


def _categories() -> str:
    rows = [
        "## Categories",
        "",
        "What is told where, unless a person says otherwise (`PATCH /v1/notification-preferences`).",
        "",
    ]
    rows += ["| category | zh-CN | en | inbox | mail | messenger | can be switched off |", "| --- " * 7 + "|"]
    for category, (en, zh) in CATEGORY_TITLES.items():
        settings = " | ".join(setting_of(category, channel, {}) for channel in CHANNELS)
        critical = any(one.critical for one in TEMPLATES.values() if one.category == category)
        rows.append(f"| `{category}` | {zh} | {en} | {settings} | {'no' if critical else 'yes'} |")
    return "\n".join(rows) + "\n\n"


def _told() -> str:
    rows = ["## Messages that are told", "", "| message | who is told |", "| --- | --- |"]
    named = {one.TYPE: told for one, told in ALL_NEWS.items()}
    rows += [f"| `{name}` | {(named[name].__doc__ or '').strip()} |" for name in sorted(named)]
    rows.append("| a second factor is taken away by somebody else | Whose it was. |")
    rows.append("| a webhook is switched off | Its owner. |")
    return "\n".join(rows) + "\n\n"


def _templates() -> str:
    rows = ["## Words", "", "| template | category | zh-CN | en | of several |", "| --- " * 5 + "|"]
    for (name, _), one in sorted(TEMPLATES.items()):
        several = f"{one.many_zh}<br/>{one.many_en}" if one.many_en else "–"
        rows.append(f"| `{name}` | `{one.category}` | {one.zh} | {one.en} | {several} |")
    return "\n".join(rows) + "\n\n"


def _untold() -> str:
    rows = ["## Messages that are not told", "", "| message | why not |", "| --- | --- |"]
    rows += [f"| `{name}` | {NOT_TOLD[name]} |" for name in sorted(one.TYPE for one in all_types()) if name in NOT_TOLD]
    return "\n".join(rows) + "\n"
