"""Rules about the mailboxes of `config.yaml`: what their providers would not put up with."""

from __future__ import annotations

from collections.abc import Iterator

from followupd.files import yaml_text
from followupd.files.lint.view import View
from followupd.files.problems import Problem
from followupd.files.providers import provider_of


def over_provider(view: View) -> Iterator[Problem]:
    """Limits that are higher than those that the provider of the mailbox is known to have."""
    config, file = view.workspace.config, view.workspace.files.get(view.config_path)
    document, _ = yaml_text.read(file.text, view.config_path) if file is not None else (None, [])
    if config is None or document is None:
        return
    for name, part in config.mailboxes.items():
        provider = provider_of(part.smtp.host, part.address, part.limits.preset)
        for key, most in provider.most.items() if provider else ():
            given = getattr(part.limits, key)
            if provider and given > most:
                text = f"{key}: {given} is more than {provider.title} allows; write at most {most} ({provider.source})"
                yield document.problem(("mailboxes", name, "limits", key), text)
