"""`followupd handover`: the plan comes first, nothing is changed without a yes, and a second time there is nothing to do."""

from __future__ import annotations

from pathlib import Path

from followupd.cli.manual import KEYS
from tests.cli.test_json_keys import flat

LEE = """\
  lee:
    address: lee@example.com
    name: Lee Chen
    smtp: {host: 127.0.0.1, port: 2525, security: none}
    imap: {host: 127.0.0.1, port: 1143, security: none}
"""


def test_handover(followupd, people: Path) -> None:
    """The plan names everybody and what leaves next; people belong to a mailbox that is no longer in config.yaml, too."""
    config = people / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("mailboxes:\n", f"mailboxes:\n{LEE}", 1), "utf-8")
    plan = followupd("handover", "dana", "lee", "--until", "10d", "--json").json()
    assert set(flat(plan, "", KEYS["handover"])) | {"refused[]"} == set(KEYS["handover"])
    assert (plan["moved"], len(plan["people"]), plan["people"][0]["next"]) == (0, 4, "thanks")
    page = followupd("handover", "dana", "lee", "--only", "ann@prospect.example")
    assert "Hand 1 people over from dana to lee? Nothing was changed; say --yes if that is meant" in page.out
    assert "1 moved" in followupd("handover", "dana", "lee", "--only", "ann@prospect.example", "--yes").out
    assert "not with dana: ann@prospect.example" in followupd("handover", "dana", "lee", "--only", "ann@prospect.example").err
    gone = (
        config.read_text("utf-8")
        .replace("  dana:\n", "  gus:\n", 1)
        .replace("address: dana@example.com", "address: gus@example.com")
    )
    config.write_text(gone, "utf-8")
    assert "3 moved" in followupd("handover", "dana", "lee", "--yes").out
    twice = followupd("handover", "dana", "lee", "--yes")
    assert (twice.code, twice.out) == (0, "nobody is with dana: there is nothing to hand over\n")
    assert 'there is no mailbox "zoe", and nobody belongs' in followupd("handover", "zoe", "lee", "--yes").err
    assert 'there is no mailbox "kim"' in followupd("handover", "lee", "kim").err
    assert "is over" in followupd("handover", "lee", "gus", "--until", "2020-01-01").err
    assert "has them already" in followupd("handover", "lee", "lee").err
