"""The mail that everybody here sends, for those who write it with Jinja2 and the standard library's `email`.

The same words, the same person, the same headers as ours (`workspace.py`): text and HTML, about 3.5 KB on the wire. Imports nothing of
followupd, so that it also runs where followupd is not installed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

import jinja2

SUBJECT = "Re: A thought for {{ company }}"

TEXT = """\
Hello {{ first_name }},

when we spoke, you told me that **{{ challenges }}** costs {{ company }} more than anything else this year. Three companies of
your size took the same first step, and [one of them wrote down how](https://example.com/how).

{% if city %}They are not far from {{ city }}, and would show you around.{% else %}They would show you around.{% endif %}

What they did, in the order in which they did it:
{% for goal in goals %}
* {{ goal }}: before, and after a quarter
{% endfor %}
What it took was somebody in a role like yours ({{ title }}) who
wanted to know. I can send you the list and the figures.

Which of these is nearest to what you have in mind? A word is enough, and "none of them" helps me as well.

Zoë Müller, Örtel & Söhne Ltd

────────────
If you would rather not hear from me again, answer with "stop" and I will not write again.
Örtel & Söhne Ltd, 1 Main Street, Springfield
"""

HTML = """\
<!DOCTYPE html>
<html>
<head><meta charset="utf-8"></head>
<body><div style="font-family:system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif;font-size:15px;line-height:1.5;color:#222;max-width:38em">
<p>Hello {{ first_name }},</p>
<p>when we spoke, you told me that <strong>{{ challenges }}</strong> costs {{ company }} more than anything else this year. Three companies of<br>
your size took the same first step, and <a href="https://example.com/how">one of them wrote down how</a>.</p>
<p>{% if city %}They are not far from {{ city }}, and would show you around.{% else %}They would show you around.{% endif %}</p>
<p>What they did, in the order in which they did it:</p>
<ul>
{% for goal in goals %}
<li><p>{{ goal }}: before, and after a quarter</p></li>
{% endfor %}
</ul>
<p>What it took was somebody in a role like yours ({{ title }}) who<br>
wanted to know. I can send you the list and the figures.</p>
<p>Which of these is nearest to what you have in mind? A word is enough, and &quot;none of them&quot; helps me as well.</p>
<p>Zoë Müller, Örtel &amp; Söhne Ltd</p>
<div style="border-top:1px solid #ccc;margin-top:2em;padding-top:.7em;font-size:12px;color:#666">If you would rather not hear from me again, answer with &quot;stop&quot; and I will not write again.<br>
Örtel &amp; Söhne Ltd, 1 Main Street, Springfield</div>
</div></body>
</html>
"""

SENDER, SENDER_NAME = "rep-001@example.com", "Zoë Müller"


class Writer:
    """Templates that are compiled once."""

    def __init__(self) -> None:
        plain = jinja2.Environment(undefined=jinja2.StrictUndefined)
        marked_up = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True)
        self._subject, self._text, self._html = plain.from_string(SUBJECT), plain.from_string(TEXT), marked_up.from_string(HTML)

    def words(self, row: dict[str, str]) -> tuple[str, str, str]:
        """Subject, text and HTML."""
        scope = {**row, "goals": [row["goals"], row["second_goal"], "a list on the wall"]}
        return self._subject.render(scope), self._text.render(scope), self._html.render(scope)

    def message(self, row: dict[str, str]) -> EmailMessage:
        """The whole mail."""
        subject, text, html = self.words(row)
        mail = EmailMessage(policy=SMTP)
        mail["From"] = Address(SENDER_NAME, addr_spec=SENDER)
        mail["To"] = Address(f"{row['first_name']} {row['last_name']}", addr_spec=row["email"])
        mail["Subject"] = subject
        mail["Date"] = format_datetime(datetime.now(UTC))
        mail["Message-ID"] = make_msgid(domain="example.com")
        earlier = f"<first.{row['number']}.93ab1c77d0e94d538ad2e1@example.com>"
        mail["In-Reply-To"] = earlier
        mail["References"] = earlier
        mail["List-Unsubscribe"] = f"<mailto:{SENDER}?subject=unsubscribe>"
        mail.set_content(text, cte="quoted-printable")
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
        return mail
