"""What is written down agrees with the code."""

import re

import pytest

from chassis.settings import SERVICES, Settings
from gateway.live.frames import EndReason
from qunxue import contract_documents, problem_list, trigger_list
from services.membership.notifications.schemas import ChangeKind
from tests.support.needs import ROOT

OPERATIONS = ROOT / "docs/operations.md"


def test_the_list_of_problems_is_what_the_code_declares():
    written = (ROOT / "docs/problems.md").read_text(encoding="utf-8")
    assert written == problem_list.page(), "write it again: qunxue problems -o docs/problems.md"


def test_the_list_of_triggers_is_what_the_code_declares():
    written = (ROOT / "docs/triggers.md").read_text(encoding="utf-8")
    assert written == trigger_list.page(), "write it again: qunxue triggers -o docs/triggers.md"


def test_every_problem_is_told_in_both_languages():
    for declared in problem_list.problem_types():
        assert re.search(r"[\u4e00-\u9fff]", declared.zh), declared.code
        assert declared.en.isascii(), declared.code
        assert "|" not in declared.zh + declared.en, declared.code


def settings_table() -> dict[str, str]:
    """Defaults by variable, as docs/operations.md tells them."""
    rows = re.findall(r"^\| `(QUNXUE_[A-Z_<>]+)` \| (.*?) \|", OPERATIONS.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(rows)


def shown(default: object) -> str:
    if default is None or default in {(), ""}:
        return "–"
    if isinstance(default, bool):
        return "`true`" if default else "`false`"
    return f"`{default}`"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_stands_in_the_operators_table_with_its_default(name):
    assert settings_table().get(f"QUNXUE_{name.upper()}") == shown(Settings.model_fields[name].default)


def test_the_operators_table_has_no_setting_that_there_is_not():
    of_services = {"QUNXUE_<SERVICE>_DATABASE_URL", "QUNXUE_<SERVICE>_REPLICA_URL", "QUNXUE_<SERVICE>_URL"}
    known = {f"QUNXUE_{name.upper()}" for name in Settings.model_fields}
    assert set(settings_table()) - of_services - known == set()
    assert of_services <= set(settings_table())


def test_every_command_is_in_the_operators_guide():
    import typer.main

    from qunxue.cli import app

    command = typer.main.get_command(app)
    text = OPERATIONS.read_text(encoding="utf-8")
    missing = [name for name in command.commands if f"qunxue {name}" not in text]  # type: ignore[attr-defined]
    assert missing == []


def test_every_metric_is_in_the_operators_guide():
    from prometheus_client import REGISTRY

    import chassis.messaging.metrics  # noqa: F401
    import gateway.app  # noqa: F401
    from chassis.metrics import Requests

    text = OPERATIONS.read_text(encoding="utf-8")
    ours = {family.name for family in REGISTRY.collect() if family.name.startswith("qunxue_")}
    ours |= {name for name, _, _ in Requests.FAMILIES}
    assert sorted(name for name in ours if f"`{name}" not in text) == []


def test_the_guides_name_every_service():
    for guide in ("architecture.md", "operations.md"):
        text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
        assert [name for name in (*SERVICES, "gateway") if name not in text] == [], guide


@pytest.mark.parametrize("guide", ["http-guide.md", "operations.md", "architecture.md", "triggers.md"])
def test_the_guides_name_only_paths_that_there_are(guide):
    from qunxue.documents import merged_openapi

    known = [re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$") for path in merged_openapi()["paths"]]
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    named = {path.rstrip("/").replace("…", "x") for path in re.findall(r"/v1/[a-z\-/{}_…0-9]+", text)}
    assert [path for path in sorted(named) if not any(pattern.match(path) for pattern in known)] == []


def test_the_guide_names_everything_that_waits_for_somebody():
    guide = (ROOT / "docs/http-guide.md").read_text(encoding="utf-8")
    start = next(line for line in guide.splitlines() if line.startswith("| start |"))
    made: set[str] = set()
    for path in (*ROOT.glob("services/**/*.py"), *ROOT.glob("chassis/**/*.py")):
        task = r'(?:\btask_about\(\s*\w+,\s*\w+,\s*|\bTask\(\s*(?:code=)?)"([a-z_]+)"'
        made |= set(re.findall(task, path.read_text(encoding="utf-8")))
    assert len(made) > 25
    assert made - set(re.findall(r"`([a-z_]+)`", start)) == set()


def published_by_the_guide(topic: str) -> set[str]:
    """The types of a topic's row in the guide of integration events: the second of `person.left`, `updated` is short for the whole."""
    guide = (ROOT / "docs/events-guide.md").read_text(encoding="utf-8")
    (row,) = [line for line in guide.splitlines() if line.startswith(f"| `{topic}`")]
    found = set()
    for group in row.split("|")[4].split(";"):
        subject = ""
        for name in re.findall(r"`([a-z_.]+)`", group):
            subject = name.partition(".")[0] if "." in name else subject
            found.add(f"{subject}.{name.rpartition('.')[2]}")
    return found


@pytest.mark.parametrize(
    "topic",
    [
        "qunxue.membership",
        "qunxue.gamification",
        "qunxue.content",
        "qunxue.events",
        "qunxue.analytics",
        "qunxue.<service>.restricted",
    ],
)
def test_the_guide_of_integration_events_says_what_is_published_today(topic):
    services = [topic.split(".")[1]] if "<" not in topic else [*SERVICES]
    published = set()
    for name in services:
        code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "services" / name).rglob("*.py"))
        for one in contract_documents.published_types():
            if topic.replace("<service>", name) == one.TOPIC and re.search(rf"\b{one.__name__}\b", code):
                published.add(".".join(one.TYPE.split(".")[2:4]))
    assert published_by_the_guide(topic) == published


def test_the_guide_says_what_comes_over_a_stream_and_how_one_ends():
    guide = (ROOT / "docs/http-guide.md").read_text(encoding="utf-8")
    chapter = guide.partition("\n## Live\n")[2].partition("\n## ")[0]
    sent = {
        name
        for path in (ROOT / "gateway/live").glob("*.py")
        for name in re.findall(r'event\("(\w+)"', path.read_text())
    }
    assert sent >= {"ready", "reset", "notification", "end"}
    named = set(re.findall(r"""[`"](\w+)[`"]""", chapter))
    assert sent | set(EndReason.__args__) | set(ChangeKind.__args__) <= named  # type: ignore[attr-defined]  # of literals
