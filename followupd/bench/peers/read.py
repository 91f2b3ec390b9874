"""mail-parser-reply and flufl.bounce on the mails of a folder: quotes stripped, reports recognised. Prints how long it took."""

from __future__ import annotations

import email
import email.policy
import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from flufl.bounce import scan_message

EmailReplyParser: Any = import_module("mailparser_reply").EmailReplyParser

LANGUAGES = ["en", "de", "fr", "es", "it", "nl", "pl", "sv", "da", "cs", "pt", "ja"]


def main() -> None:
    """Read them all."""
    raws = [path.read_bytes() for path in sorted(Path(sys.argv[1]).iterdir())]
    known = [one for one in LANGUAGES if one not in _unknown()]
    parser, reports, words = EmailReplyParser(languages=known), 0, 0
    began = time.process_time()
    for raw in raws:
        if scan_message(email.message_from_bytes(raw)):
            reports += 1
            continue
        body = email.message_from_bytes(raw, policy=email.policy.default).get_body(("plain", "html"))
        text = body.get_content() if body is not None else ""
        words += len((parser.parse_reply(text=text) or "").split())
    sys.stdout.write(json.dumps({"seconds": time.process_time() - began, "reports": reports, "words": words}) + "\n")


def _unknown() -> set[str]:
    """Languages that this version does not know."""
    unknown = set()
    for one in LANGUAGES:
        try:
            EmailReplyParser(languages=[one]).parse_reply(text="hello")
        except Exception:  # noqa: BLE001 - it has no exception of its own for that
            unknown.add(one)
    return unknown


if __name__ == "__main__":
    main()
