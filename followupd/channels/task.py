"""The channel `task`: something that the rep does by hand.

    - id: note
      task: handwritten-note      # templates/tasks/handwritten-note.md
      within: 24h
      wait: false

Decides the words that the rep reads. Handing over is the delivery: the task is in `followupd tasks` from then on, until
`followupd done` or `skip`, or until its deadline is over.
"""

from __future__ import annotations

from followupd.channels.scope import Scene, scope_of
from followupd.core.model import HandedOver
from followupd.files.templates import Template, render


def write(scene: Scene, template: Template) -> HandedOver:
    """The task note. Raises `CannotRender` where a value is missing."""
    rendered = render(template, scope_of(scene))
    return HandedOver(text=rendered.text.strip(), title=rendered.subject)
