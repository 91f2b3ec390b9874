"""A workspace on disk: read together, checked against each other, reloaded without losing what was good."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from followupd.core.model import ReplyKind
from followupd.files.config import NoSecret
from followupd.files.workspace import Workspace, load_workspace, reload
from tests.files.table import CHANNELS

FILES = {
    "config.yaml": """defaults: {window: mon-fri 08:00-18:00, holidays: none, timezone: Europe/Berlin}
mailboxes:
  dana:
    address: dana@example.com
    smtp: {host: 127.0.0.1, port: 2525, security: none}
    imap: {host: 127.0.0.1, port: 1143, security: none}
    auth: {user: dana, password: {env: DANA_PASSWORD}}
""",
    "cadences/proposal.yaml": """cadence: proposal
mailbox: dana
needs: [goals]
steps:
  - {id: thanks, email: thank-you, after: 2h, since: meeting_at}
  - {id: call, task: voicemail, after: 3bd}
end: {enroll: nurture}
""",
    "cadences/quiet/nurture.yaml": "cadence: nurture\nsteps:\n  - {id: hello, email: thank-you}\n",
    "templates/thank-you.md": "---\nsubject: Hello {{ prospect.first_name }}\n---\nHi {{ prospect.company|default('there') }}.\n",
    "templates/tasks/voicemail.md": "---\ntitle: Call {{ prospect.phone }}\n---\n",
    "content/report.md": "---\ntitle: A report\nurl: https://example.org/report\ntopics: [returns]\n---\nWords.\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace in order."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def load(root: Path) -> Workspace:
    return load_workspace(root / "config.yaml", channels=CHANNELS, environ={"DANA_PASSWORD": "hunter2"})


def told(workspace: Workspace) -> list[str]:
    return [str(problem) for problem in workspace.problems]


def test_a_workspace_in_order(root: Path) -> None:
    """Everything is read, by name, and there is no problem."""
    found = load(root)
    assert told(found) == []
    assert found.config is not None
    assert set(found.cadences) == {"proposal", "nurture"}
    assert set(found.templates) == {"thank-you", "tasks/voicemail"}
    assert [item.name for item in found.items] == ["report"]
    proposal = found.cadences["proposal"]
    edition = found.editions["proposal"]
    assert edition.text == FILES["cadences/proposal.yaml"]
    assert edition.sources == {name: FILES[f"templates/{name}.md"] for name in ("tasks/voicemail", "thank-you")}
    assert (proposal.window, proposal.holidays, proposal.timezone) == ("mon-fri 08:00-18:00", (), "Europe/Berlin")
    assert [edition.template(step).name for step in proposal.steps] == ["thank-you", "tasks/voicemail"]
    assert found.templates["tasks/voicemail"].task
    assert found.folder("inbox") == root / "inbox"


def test_required_columns(root: Path) -> None:
    """What a row must bring, each with the reason: needs, anchors, templates."""
    found = load(root)
    assert found.required("proposal") == (
        ("email", "every prospect"),
        ("goals", "cadence proposal"),
        ("meeting_at", "step thanks"),
        ("first_name", "template thank-you"),
        ("phone", "template tasks/voicemail"),
    )


def test_secret(root: Path) -> None:
    """The password of a mailbox is read when it is asked for, and is in no printed form of the workspace."""
    found = load(root)
    secret = found.secret("dana")
    assert secret is not None
    assert secret.reveal() == "hunter2"
    assert "hunter2" not in repr(found)
    with pytest.raises(NoSecret):
        load_workspace(root / "config.yaml", channels=CHANNELS, environ={}).secret("dana")


def test_no_config(tmp_path: Path) -> None:
    """Without a config there is one problem, and nothing to send with."""
    found = load(tmp_path)
    assert found.config is None
    assert told(found) == [f"config.yaml:1:1: there is no such file in {tmp_path}; run: followupd init"]


def test_a_config_further_up_is_named(root: Path) -> None:
    """Who stands in a folder of a workspace is told where its config is; it is not taken by itself."""
    found = load(root / "templates")
    assert found.config is None
    config = root.resolve() / "config.yaml"
    assert told(found)[0].endswith(f"; is {config} meant? then run: followupd --config {config}")


def test_default_thank_you_after_a_no(root: Path) -> None:
    """The default cadence after a no counts only where the workspace has it; one that is asked for must exist."""
    path = root / "cadences/proposal.yaml"
    path.write_text(FILES["cadences/proposal.yaml"] + "replies:\n  no: {notify: Look}\n")
    found = load(root)
    assert told(found) == []
    assert found.cadences["proposal"].replies[ReplyKind.NO].enroll is None
    shutil.copy(root / "cadences/quiet/nurture.yaml", root / "cadences/after-the-no.yaml")
    (root / "cadences/after-the-no.yaml").write_text(FILES["cadences/quiet/nurture.yaml"].replace("nurture", "after-the-no"))
    assert load(root).cadences["proposal"].replies[ReplyKind.NO].enroll == "after-the-no"


# -- reloading -----------------------------------------------------------------------------------


def test_nothing_changed_reads_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second pass over unchanged files opens none of them and comes to the same end."""
    first = load(root)
    opened: list[object] = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda *args, **kwargs: (opened.append(args[0]), real(*args, **kwargs))[1])
    second = reload(first)
    assert opened == []
    assert (second.config, second.cadences, second.templates, second.items, second.problems) == (
        first.config,
        first.cadences,
        first.templates,
        first.items,
        first.problems,
    )
    (root / "templates/thank-you.md").write_text(FILES["templates/thank-you.md"] + "More.\n")
    reload(second)
    assert [Path(str(path)).name for path in opened] == ["thank-you.md"]


def _break(path: Path) -> None:
    path.write_text(path.read_text().replace(": ", ":\t", 1) + "\n{{ {% [")


def _delete(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    "name", ["config.yaml", "cadences/proposal.yaml", "templates/thank-you.md", "templates/tasks/voicemail.md"]
)
def test_a_broken_file_keeps_its_last_good_version(root: Path, name: str) -> None:
    """An edit that breaks a file is told, changes nothing of what is under way, and is forgotten once put right."""
    good = load(root)
    _break(root / name)
    broken = reload(good)
    assert broken.problems
    assert {problem.path for problem in broken.problems} == {name}
    assert (broken.config, broken.editions, broken.templates) == (good.config, good.editions, good.templates)
    assert reload(broken).problems == broken.problems
    (root / name).write_text(FILES[name])
    assert told(reload(reload(broken))) == []


def test_a_config_that_is_gone_keeps_the_last_one(root: Path) -> None:
    """Editors delete and rename while they save; a daemon does not stumble over that."""
    good = load(root)
    (root / "config.yaml").unlink()
    gone = reload(good)
    assert gone.config == good.config
    assert len(gone.problems) == 1
    (root / "config.yaml").write_text(FILES["config.yaml"])
    assert told(reload(gone)) == []


def test_a_new_config_reaches_the_cadences(root: Path) -> None:
    """What cadences inherit changes with the config, though their files did not."""
    good = load(root)
    (root / "config.yaml").write_text(FILES["config.yaml"].replace("08:00", "07:00"))
    assert reload(good).cadences["proposal"].window == "mon-fri 07:00-18:00"


def test_a_deleted_cadence_is_gone(root: Path) -> None:
    """A deleted file is no broken one; what refers to it is told."""
    good = load(root)
    (root / "cadences/quiet/nurture.yaml").unlink()
    after = reload(good)
    assert set(after.cadences) == {"proposal"}
    assert told(after) == ['cadences/proposal.yaml:7:15: end.enroll: there is no cadence "nurture"; known: proposal']


@pytest.mark.parametrize("harm", [_break, _delete], ids=["broken", "deleted"])
def test_at_first_start_a_broken_template_is_told_once(root: Path, harm: Callable[[Path], None]) -> None:
    """A template that is there but broken is told as that, not as missing as well."""
    harm(root / "templates/thank-you.md")
    found = load(root)
    paths = {problem.path for problem in found.problems}
    assert paths == ({"templates/thank-you.md"} if harm is _break else {"cadences/proposal.yaml", "cadences/quiet/nurture.yaml"})


def test_any_history_of_edits_ends_like_a_fresh_start(root: Path) -> None:
    """After random breaking, deleting and mending, a mended workspace is the same as one that was just loaded."""
    chance = random.Random(7)
    workspace = load(root)
    for _ in range(40):
        name = chance.choice(sorted(FILES))
        chance.choice([_break, _delete, lambda path: path.write_text(FILES[path.relative_to(root).as_posix()])])(root / name) if (
            root / name
        ).exists() else (root / name).write_text(FILES[name])
        workspace = reload(workspace)
        assert workspace.config is not None
    for name, text in FILES.items():
        (root / name).write_text(text)
    workspace, fresh = reload(workspace), load(root)
    assert told(workspace) == told(fresh) == []
    assert (workspace.config, workspace.editions, workspace.templates, workspace.items) == (
        fresh.config,
        fresh.editions,
        fresh.templates,
        fresh.items,
    )
