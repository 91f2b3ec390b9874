"""The channel `task`: something that the rep does by hand.

    - id: note
      task: handwritten-note      # templates/tasks/handwritten-note.md
      within: 24h
      wait: false

Decides the words that the rep reads. Handing over is the delivery: the task is in `followupd tasks` from then on, until
`followupd done` or `skip`, or until its deadline is over.
"""

from __future__ import annotations

from followupd.channels import kinds
from followupd.channels.scope import Scene, scope_of
from followupd.core.model import HandedOver, Step
from followupd.files.templates import Template, names_of, render


def write(scene: Scene, template: Template) -> HandedOver:
    """The task note, with the facts on top that the rep needs. Raises `CannotRender` where a value is missing."""
    rendered = render(template, scope_of(scene, names_of(template)))
    text, step = rendered.text.strip(), scene.step
    top = kinds.facts(step, template, scene.prospect.columns)
    if step.at:
        top.append(f"When: {step.at}, {scene.zone.key}")
    grown = kinds.too_long(step, template, text)
    if grown:
        top.append(f"Too long: {grown}")
    kind = kinds.kind_of(template)
    name = kind.name if kind is not kinds.PLAIN else ""
    return HandedOver(
        text=asking(step, "\n\n".join(["\n".join(top), text] if top else [text])), title=rendered.subject, kind=name
    )


def asking(step: Step, text: str) -> str:
    """A note for the rep, with the question that the step wants answered; the answer is given when the task is closed."""
    return f"{text}\n\nWhat did you learn? {step.learn}" if step.learn else text
