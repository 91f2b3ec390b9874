"""The command `debrief`: answers about one no, and the table over all."""

from __future__ import annotations

from pathlib import Path

from tests.cli.test_json_keys import busy  # noqa: F401


def test_debrief(followupd, busy: Path) -> None:  # noqa: F811
    """Answers are noted about the last no of a person and shown; over everybody, the questions with most noes come first, with the words."""
    una = "una@gone.example"
    assert followupd("debrief", una, "--explored", "nein, zu früh", "--pace", "yes").code == 0
    said = followupd("debrief", una)
    assert "no in proposal" in said.out
    assert "nein, zu früh" in said.out
    (no,) = followupd("debrief", una, "--json").json()["noes"]
    assert ([one["says"] for one in no["answers"]], no["open"]) == (["no", "yes"], ["asked", "best_decision", "door"])
    followupd("debrief", una, "--explored", "yes, after all")
    assert followupd("debrief", "--json").json()["questions"][0]["yes"] == 1
    page = followupd("debrief").out
    assert page.startswith("1 noes were looked back at")
    assert "needs explored before proposing" in page
    assert followupd("debrief", "--month", "2020-01").out.startswith("0 noes")
    assert followupd("debrief", "--since", "2020-01-01", "--json").json()["debriefs"] == 1


def test_no_debrief(followupd, busy: Path) -> None:  # noqa: F811
    """There is nothing to look back at where nobody has said no; an answer needs a person, and a span is over everybody."""
    found = followupd("debrief", "ann@prospect.example", "--door", "open")
    assert (found.code, "has not said no to anything" in found.err) == (1, True)
    assert "has not said no" in followupd("debrief", "ann@prospect.example").out
    assert followupd("debrief", "nobody@x.example").code == 1
    for wrong in (
        ["--door", "open"],
        ["ann@prospect.example", "--month", "2026-03"],
        ["--month", "2026-03", "--since", "2026-03-01"],
    ):
        assert followupd("debrief", *wrong).code == 2
    for wrong in (["--month", "March"], ["--since", "soon"]):
        assert followupd("debrief", *wrong).code == 1
