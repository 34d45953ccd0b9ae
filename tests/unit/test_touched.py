"""Which quick tests run after a change."""

import subprocess
import sys

import pytest

from scripts.touched import Reach, main, touched

TREE = {
    ".gitignore": ".cache/",
    "chassis/text.py": "",
    "gateway/app.py": "",
    "qunxue/installed.py": "",
    "services/__init__.py": "",
    "services/content/polls/service.py": "",
    "services/content/README.md": "",
    "services/events/definition.py": "",
    "docs/problems.md": "",
    "pyproject.toml": "",
    "tests/conftest.py": "import pytest",
    "tests/contract/test_words.py": "",
    "tests/service/stage.py": "from contracts.membership import MemberJoined",
    "tests/service/content/conftest.py": "from services.content.definition import definition",
    "tests/service/content/test_polls.py": "from tests.service import stage",
    "tests/service/events/test_calendar.py": "def test():\n    import services.events.definition",
    "tests/service/gateway/test_bodies.py": "from gateway.app import create_gateway",
    "tests/service/qunxue/test_commands.py": "import qunxue",
    "tests/unit/test_migrations.py": "WHERE = 'services/content/migrations'",
    "tests/unit/test_text.py": "from chassis.text import folded",
    "tests/unit/test_together.py": "NAME = f'services.{ONE}.definition'",
    "tests/system/test_journeys.py": "",
}
ALL = {name for name in TREE if name.split("/")[-1].startswith("test_")} - {"tests/system/test_journeys.py"}
CONTRACTS, COMMANDS, TOGETHER = (
    "tests/contract/test_words.py",
    "tests/service/qunxue/test_commands.py",
    "tests/unit/test_together.py",
)
POLLS, CALENDAR = "tests/service/content/test_polls.py", "tests/service/events/test_calendar.py"


@pytest.fixture
def tree(tmp_path):
    """A small tree like ours."""
    for name, text in TREE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ([], set()),
        (
            ["services/content/polls/service.py"],
            {CONTRACTS, COMMANDS, TOGETHER, POLLS, "tests/unit/test_migrations.py"},
        ),
        (["services/events/definition.py"], {CONTRACTS, COMMANDS, TOGETHER, CALENDAR}),
        (["gateway/app.py"], {CONTRACTS, COMMANDS, TOGETHER, "tests/service/gateway/test_bodies.py"}),
        (["qunxue/installed.py"], {CONTRACTS, COMMANDS, TOGETHER}),
        (["docs/problems.md", "services/content/README.md", "tests/system/test_journeys.py"], {CONTRACTS}),
        (["tests/service/stage.py"], {CONTRACTS, POLLS}),
        (["tests/service/content/conftest.py"], {CONTRACTS, POLLS}),
        (
            [CALENDAR, "gateway/app.py"],
            {CONTRACTS, COMMANDS, TOGETHER, CALENDAR, "tests/service/gateway/test_bodies.py"},
        ),
        (["tests/conftest.py"], ALL),
        (["chassis/text.py"], ALL),
        (["services/__init__.py"], ALL),
        (["pyproject.toml", "docs/problems.md"], ALL),
        ([""], ALL),
    ],
    ids=lambda value: " and ".join(value) if isinstance(value, list) else "",
)
def test_a_change_runs_what_it_can_touch(tree, changed, expected):
    before = dict.fromkeys([*TREE, ""], "as it was")
    chosen, _ = touched(before, before | dict.fromkeys(changed, "changed"), Reach(tree))
    assert set(chosen) == expected


def test_a_file_that_comes_or_goes_is_a_change(tree):
    now = dict.fromkeys(TREE, "as it was")
    assert POLLS in touched(now | {"services/content/gone.py": ""}, now, Reach(tree))[0]
    assert POLLS in touched(now, now | {"services/content/new.py": ""}, Reach(tree))[0]
    assert set(touched(now | {"tests/service/helper_that_went.py": ""}, now, Reach(tree))[0]) == ALL


def test_what_failed_or_was_edited_meanwhile_runs_again(tree, capfd):
    def runs(program: str) -> tuple[int, str]:
        done = main([sys.executable, "-c", program], tree)
        return done, capfd.readouterr().out

    of_all = f"of {len(ALL)} files of quick tests"
    assert runs("raise SystemExit(1)")[1].startswith(f"{len(ALL)} {of_all}: they have not all passed here yet")
    assert runs("")[1].startswith(f"{len(ALL)} {of_all}: they have not")
    done, said = runs("raise SystemExit(1)")  # not run: nothing has changed
    assert (done, said.partition(":")[0]) == (0, f"0 {of_all}")
    (tree / "gateway/app.py").write_text("A = 1")
    assert runs("raise SystemExit(1)")[0] == 1
    meanwhile = f"open({str(tree / 'services/events/definition.py')!r}, 'w').write('B = 1')"
    done, said = runs(f"import sys; {meanwhile}; print(sys.argv[1:])")
    assert done == 0
    assert "tests/service/gateway/test_bodies.py" in said
    assert CALENDAR not in said
    assert CALENDAR in runs("import sys; print(sys.argv[1:])")[1]
    assert main(["--all", sys.executable, "-c", "raise SystemExit(3)"], tree) == 3
