"""django-post-office as its users run it, at the best setting that one process has: 8 threads, a batch of 1,000, SQLite in WAL.

`django_post_office.py fill DATABASE PEOPLE` puts a mail for each of the people (JSON lines) into its queue; `django_post_office.py send DATABASE PORT`
sends what is in the queue, rendering each mail from its template when its turn comes. Prints how many are sent.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import django
from django.conf import settings

THREADS, BATCH = 8, 1_000
PLAIN = "{%% autoescape off %%}%s{%% endautoescape %%}"


def configure(database: str, port: int) -> None:
    """Django without a project."""
    settings.configure(
        USE_TZ=True, SECRET_KEY="none", INSTALLED_APPS=["django.contrib.contenttypes", "post_office"], DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={"default": {
            "ENGINE": "django.db.backends.sqlite3", "NAME": database,
            "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"},
        }},
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "NAME": "post_office"}, {"BACKEND": "django.template.backends.django.DjangoTemplates", "NAME": "django"}],
        EMAIL_BACKEND="post_office.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=port,
        POST_OFFICE={
            "BATCH_SIZE": BATCH, "THREADS_PER_PROCESS": THREADS, "DEFAULT_PRIORITY": "medium", "LOG_LEVEL": 1, "TEMPLATE_ENGINE": "post_office",
            "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"}, "MAX_RETRIES": 0,
        },
        LOGGING_CONFIG=None,
    )  # fmt: skip
    django.setup()


def fill(people: str) -> None:
    """Everybody's mail into the queue."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from message import HTML, SENDER, SENDER_NAME, SUBJECT, TEXT  # type: ignore[import-not-found]
    from post_office import mail
    from post_office.models import EmailTemplate

    template = EmailTemplate.objects.create(name="second", subject=PLAIN % SUBJECT, content=PLAIN % TEXT, html_content=HTML)
    wanted: list[dict[str, Any]] = []
    for line in Path(people).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        earlier = f"<first.{row['number']}.93ab1c77d0e94d538ad2e1@example.com>"
        headers = {"In-Reply-To": earlier, "References": earlier, "List-Unsubscribe": f"<mailto:{SENDER}?subject=unsubscribe>"}
        wanted.append({
            "recipients": [f"{row['first_name']} {row['last_name']} <{row['email']}>"], "sender": f"{SENDER_NAME} <{SENDER}>", "template": template,
            "context": {**row, "goals": [row["goals"], row["second_goal"], "a list on the wall"]}, "headers": headers, "render_on_delivery": True,
        })  # fmt: skip
    mail.send_many(wanted)


def send() -> None:
    """Until the queue is empty."""
    from post_office import mail
    from post_office.models import STATUS, Email

    while Email.objects.filter(status__isnull=True).exists() or Email.objects.filter(status=STATUS.queued).exists():
        mail.send_queued(processes=1, log_level=1)
    sys.stdout.write(f"{Email.objects.filter(status=STATUS.sent).count()}\n")


if __name__ == "__main__":
    verb, database, last = sys.argv[1:]
    configure(database, int(last) if verb == "send" else 25)
    if verb == "fill":
        fill(last)
    else:
        send()
