"""Templates: what they may say, what they need, and that data stays data."""

from __future__ import annotations

import contextlib
import re
import time
from datetime import date, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import TemplateError

from followupd.files import language
from followupd.files.sandbox import TYPED
from followupd.files.templates import CannotRender, Template, columns, evaluate, parse_template, render, render_line

SCOPE = {
    "prospect": {
        "email": "ann@example.org",
        "first_name": "Ann",
        "company": "",
        "team_size": "25",
        "meeting_at": "2026-03-02T14:00",
    },
    "owner": {"name": "Dana Reyes"},
    "mailbox": {"signature": "Dana Reyes\nExample Ltd", "address": "dana@example.com"},
    "cadence": {"name": "proposal"},
    "pick": {"title": "Fewer_returns", "url": "https://example.org/a_b?c=1&d=2", "topics": ["returns", "stock"]},
    "learned": ["likes short mails", "decides in May"],
    "today": date(2026, 3, 5),
}


def template(body: str, subject: str = "Hello") -> Template:
    found, problems = parse_template(f"---\nsubject: {subject!r}\n---\n{body}", "templates/t.md", "t")
    assert not problems, [str(problem) for problem in problems]
    assert found is not None
    return found


def text(body: str, **more: object) -> str:
    return render(template(body), {**SCOPE, **more}).text.rstrip("\n")


def messages(body: str, subject: str = "Hello") -> list[str]:
    found, problems = parse_template(f"---\nsubject: {subject!r}\n---\n{body}", "t.md", "t")
    assert (found is None) == bool(problems)
    return [str(problem) for problem in problems]


# -- the language --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "made"),
    [
        ("Hi {{ prospect.first_name }}", "Hi Ann"),
        ("{{ prospect['first_name']|upper }}", "ANN"),
        ("{{ prospect.company|default('your company') }}", "your company"),
        ("{{ prospect.none|default(prospect.first_name) }}", "Ann"),
        ("{% if prospect.company %}a{% elif prospect.first_name == 'Ann' %}b{% else %}c{% endif %}", "b"),
        ("{% for fact in learned %}- {{ fact }}\n{% endfor %}", "- likes short mails\n- decides in May"),
        (
            "{{ learned|join('; ') }} {{ learned|first }} {{ learned|length }}",
            "likes short mails; decides in May likes short mails 2",
        ),
        ("{{ prospect.team_size|int }} {{ 'yes' if prospect.team_size|int >= 20 else 'no' }}", "25 yes"),
        ("{{ prospect.meeting_at|date }} {{ today|date('%d.%m.%Y') }}", "Monday, 2 March 05.03.2026"),
        ("{{ pick.topics.1 }} {{ pick.topics[0] }}", "stock returns"),
        ("{% if 'stock' in pick.topics and not prospect.company %}yes{% endif %}", "yes"),
        ("{# a note #}text", "text"),
        ("a\n\n{% if prospect.company %}x{% endif %}\n\n\nb", "a\n\nb"),
    ],
)
def test_what_a_template_may_say(source: str, made: str) -> None:
    """Output, plain data, conditions, one level of loop, a few filters."""
    assert text(source) == made


HOSTILE = [
    "{{ ''.__class__.__mro__ }}",
    "{{ prospect.__class__ }}",
    "{{ prospect['__class__'] }}",
    "{{ prospect._x }}",
    "{{ prospect|attr('__class__') }}",
    "{{ '{0.__class__}'.format(prospect) }}",
    "{{ '%s' % prospect }}",
    "{{ '%1000000000d' % 1 }}",
    "{{ prospect.items() }}",
    "{{ prospect.first_name.upper() }}",
    "{{ range(1000000000) }}",
    "{% for a in range(9) %}{% endfor %}",
    "{{ lipsum(n=100000) }}",
    "{{ cycler(1, 2) }}",
    "{{ joiner() }}",
    "{{ namespace(a=1) }}",
    "{{ dict(a=1) }}",
    "{{ self }}",
    "{{ self.__init__.__globals__ }}",
    "{{ config }}",
    "{{ request }}",
    "{{ loop.index }}",
    "{{ 9 ** 9 ** 9 }}",
    "{{ 'a' * 1000000000 }}",
    "{{ [1] * 1000000000 }}",
    "{{ 1 + 1 }}",
    "{{ 'a' ~ 'b' }}",
    "{{ prospect.first_name[0:1] }}",
    "{{ {'a': 1} }}",
    "{{ 'a'|indent(1000000000) }}",
    "{{ learned|slice(1000000000)|list }}",
    "{{ learned|batch(1000000000)|list }}",
    "{{ 'a'|center(1000000000) }}",
    "{{ 'a'|wordwrap(1) }}",
    "{{ learned|map('upper')|list }}",
    "{{ learned|sum(start='') }}",
    "{{ learned|tojson }}",
    "{{ prospect|pprint }}",
    "{{ prospect|xmlattr }}",
    "{{ '<b>'|safe }}",
    "{% set x = 1 %}",
    "{% set x %}a{% endset %}",
    "{% macro m() %}{% endmacro %}",
    "{% call m() %}{% endcall %}",
    "{% include 'config.yaml' %}",
    "{% import 'x' as y %}",
    "{% from 'x' import y %}",
    "{% extends 'x' %}",
    "{% block a %}{% endblock %}",
    "{% filter upper %}a{% endfilter %}",
    "{% with a=1 %}{% endwith %}",
    "{% autoescape false %}{% endautoescape %}",
    "{% raw %}{% endraw %}",
    "{% do 1 %}",
    "{% debug %}",
    "{% for a in learned %}{% for b in learned %}{% endfor %}{% endfor %}",
    "{% for a in learned %}{% if a %}{% for b in learned %}{% endfor %}{% endif %}{% endfor %}",
    "{% for a in learned recursive %}{{ loop(a) }}{% endfor %}",
    "{% for a in learned if a %}{% endfor %}",
    "{% for a, b in learned %}{% endfor %}",
    "{{ prospect is mapping }}",
    "{{ prospect is defined }}",
    "{{ 'a' is callable }}",
    "{{ ().__class__.__bases__[0].__subclasses__() }}",
    "{{ prospect[prospect.first_name] }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ (((((" * 2000,
    "{{ " * 2000,
    "{% if today %}" * 1000,
    "{{ not " + "not " * 5000 + "today }}",
    "{{ " + "[" * 5000 + "]" * 5000 + " }}",
    "{{ " + "today or " * 5000 + "today }}",
    "{{ today" + "|default('a')" * 5000 + " }}",
    "{{ prospct }}" * 4500,
    "".join(f"{{{{ p{number}ect }}}}" for number in range(4500)),
    "{first_name} " * 5000,
    "{{ " + "9" * 5000 + " }}",
    "{{ 0x" + "f" * 60_000 + " }}",
    "{{ -0b" + "1" * 60_000 + "|int }}",
    "{{ 1e999 }}",
    "{{ 1_0 }}",
    "{{ (prospect.none, 'a') }}",
    "{{ prospect.none, 1 }}",
    "{{ [1] }}",
    "{% if prospect.a, prospect.b %}{% endif %}",
    "{% if [prospect.none] %}{% endif %}",
    '{{ "\\ud800" }}',
    '{{ "\\x1b[2J" }}',
    '{{ "\\u2028" }}',
    '{{ "a\\rBcc: x@example.com" }}',
    "{{ today|date('\\x00') }}",
    "{{ prospect['\\x00'] }}",
    "{% for loop in learned %}{{ loop }}{% endfor %}",
    "{% for prospect in learned %}{{ prospect }}{% endfor %}",
    "{% for \ufb01 in learned %}{% endfor %}",
    "{{ \uff50rospect.first_name }}",
    "{{ prospect.\ufb01rst_name }}",
    "{{ prospect.\uff3f\uff3fclass\uff3f\uff3f }}",
    "{{ prospect['\uff3f_class__'] }}",
    "{{ prospect" + ".a" * 30_000 + " }}",
    "{{ " + "-" * 50_000 + "1 }}",
    "{{ '" + "\\" * 60_000 + " }}",
    "{{ " + "'" * 60_001 + " }}",
    "{% if today %}" * 4000 + "{% endif %}" * 4000,
]


@pytest.mark.parametrize("source", HOSTILE, ids=lambda source: source[:40])
def test_hostile_templates(source: str) -> None:
    """Whatever could run, read, grow or hide is refused when it is checked, in no time, and refused again when it is run."""
    begin = time.process_time()
    found = messages(source)
    assert 1 <= len(found) <= language.MOST_MISTAKES
    assert time.process_time() - begin < 1
    with pytest.raises(CannotRender):
        language.run(source, language.data(SCOPE))


LONG = "x" * 10_000
HUNDRED = "[" + ",".join(['""'] * 100) + "]"
GREEDY = [
    ("{{ %s|join(%s|join(%s|join(prospect.long)))|length }}" % (HUNDRED, HUNDRED, HUNDRED), "|join makes too long a text"),  # noqa: UP031
    (
        "{% for c in prospect.long %}" + "{% if c == 'q' %}a{% elif c == 'r' %}b{% endif %}" * 1200 + "{% endfor %}",
        "takes too long",
    ),
    ("{{ [" + ",".join(["prospect.long|upper"] * 2000) + "]|length }}", "takes too long"),
    ("{% for c in prospect.long %}{{ 'a' if prospect.long|lower == prospect.long }}{% endfor %}", "takes too long"),
    (
        "{% for c in prospect.long %}" + "{% if prospect.long in prospect.long %}{% endif %}" * 500 + "{% endfor %}",
        "takes too long",
    ),
    ("{{ prospect.long }}" * 10, "grows over 64 KB"),
    ("{{ none }}", "can't be written out"),
    ("{{ prospect.none|default(none) }}", "can't be written out"),
    ("{{ prospect.first_name == 'Ann' }}", "can't be written out"),
    ("{{ ((prospect.none, 'a') if today else 1) }}", "can't be written out"),
    ("{{ 'x' if prospect.none }}", 'the short "if" has no "else" here'),
    ("{{ today|date(prospect.long) }}", "|date takes a pattern"),
    ("{% for x in 5 %}{% endfor %}a", "a loop goes through a list only"),
    ("{% for x in today %}{% endfor %}a", "a loop goes through a list only"),
    ("{{ learned|join(today.x) }}", "is missing"),
    ("{{ -prospect.first_name }}", "can't be compared"),
]


@pytest.mark.parametrize(("source", "sentence"), GREEDY, ids=[source[:40] for source, _ in GREEDY])
def test_greedy_templates(source: str, sentence: str) -> None:
    """What the check can't see is stopped while it runs, early, and never as another kind of error."""
    assert messages(source) == []
    values = language.data({**SCOPE, "prospect": {"first_name": "Ann", "long": LONG}})
    begin = time.process_time()
    with pytest.raises(CannotRender, match=re.escape(sentence)):
        language.run(source, values)
    assert time.process_time() - begin < 1


def test_many_parts_are_checked_in_time() -> None:
    """A long template of small, different parts takes time by its length, not by its square."""
    source = (
        "{% for fact in learned %}" + "".join(f"{{% if fact == '{n}' %}}a{{% endif %}}" for n in range(1800)) + "{% endfor %}."
    )
    begin = time.process_time()
    assert messages(source) == []
    assert text(source) == "."
    assert time.process_time() - begin < 3


_VALUES = {"prospect": {"a": "one", "b": "2"}, "learned": ["x", "y"], "today": date(2026, 3, 5)}
_EXPRESSION = st.recursive(
    st.sampled_from(
        ["prospect.a", "prospect.b", "prospect.c", "learned", "today", "'x'", "2", "true", "learned.1", "learned[0]"]
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or", "==", "!=", "<", ">=", "in", "not in"]), inner).map(
            lambda it: f"({' '.join(it)})"
        ),
        st.tuples(inner, st.sampled_from(["upper", "int", "length", "first", "default('d')", "join('-')", "date"])).map("|".join),
        inner.map(lambda it: f"(not {it})"),
        st.tuples(inner, inner, inner).map(lambda it: f"({it[0]} if {it[1]} else {it[2]})"),
        st.lists(inner, max_size=3).map(lambda it: f"[{', '.join(it)}]"),
    ),
    max_leaves=6,
)
_PIECE = st.one_of(
    _EXPRESSION.map(lambda it: f"{{{{ {it} }}}}"),
    st.sampled_from(["text", " \n", "{# note #}", "{{- 'x' -}}"]),
    st.tuples(_EXPRESSION, _EXPRESSION, _EXPRESSION).map(
        lambda it: f"{{% if {it[0]} %}}a{{{{ {it[1]} }}}}{{% elif {it[2]} %}}b{{% else %}}c{{% endif %}}"
    ),
    _EXPRESSION.map(lambda it: f"{{% for each in {it} -%}} {{{{ each }}}};{{% else %}}none{{% endfor %}}"),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECE, min_size=1, max_size=4).map("".join))
def test_the_walk_means_what_jinja2_means(source: str) -> None:
    """Our walk over the tree gives what Jinja2's own compiled code gives in the same sandbox, or both refuse."""
    if language.check(source):
        return
    values = language.data(_VALUES)
    try:
        theirs: str | None = TYPED.from_string(source).render(values)
    except (TemplateError, TypeError, ValueError):
        theirs = None
    try:
        ours: str | None = language.run(source, values)
    except CannotRender:
        ours = None
    assert ours == theirs


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("Hi {{ first name }}\n", 't.md:4:13: expected "}}", got "name"; write {{ ... }} or {% if ... %} ... {% endif %}'),
        ("\nHi {{ prospct.first_name }}\n", 't.md:5:7: "prospct" is not known; did you mean "prospect"?'),
        ("Hi {{ prospect.first_name|captalize }}\n", 't.md:4:27: no filter "captalize"; did you mean "capitalize"?'),
        (
            "Hi {first_name}\n",
            "t.md:4:4: {first_name} looks like a merge field of another program; write {{ prospect.first_name }}",
        ),
        (
            "a\n[[last_name]]",
            "t.md:5:1: [[last_name]] looks like a merge field of another program; write {{ prospect.last_name }}",
        ),
        (
            "[x](javascript:alert)",
            "t.md:4:5: a link can't lead to javascript:alert; begin it with https:, http:, mailto: or tel:",
        ),
        ("![x](https://example.com/x.png)", "t.md:4:1: images are not sent; write a link [...](https://...)"),
        ("a <b>c", "t.md:4:3: HTML such as <b> would be shown as typed; write Markdown"),
        ("  \n", 't.md:4:1: the message is empty; write it below the second "---"'),
    ],
)
def test_places(body: str, message: str) -> None:
    """Lines are counted from the top of the file, columns inside the tag."""
    assert messages(body) == [message]


def test_subject_is_checked_at_its_place() -> None:
    """A mistake in the front matter has its column inside the quotes."""
    assert messages("Hi.", "Hi {{ prospct.x }}") == ['t.md:2:17: subject: "prospct" is not known; did you mean "prospect"?']


def test_task_notes_have_a_title() -> None:
    """A note to the rep has a title, may be empty below it, and takes no subject."""
    note, problems = parse_template("---\ntitle: Call {{ prospect.first_name }}\n---\n", "t.md", "t", task=True)
    assert not problems
    assert note is not None
    assert render(note, SCOPE).subject == "Call Ann"
    _, problems = parse_template("---\nsubject: Call\n---\n", "t.md", "t", task=True)
    assert [problem.text for problem in problems] == ['subject: no such key; did you mean "title"?']


# -- what it needs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "needed"),
    [
        ("{{ prospect.a }} {{ prospect['b']|upper }}", {"a", "b"}),
        ("{{ prospect.a|default('x') }}", set()),
        ("{{ prospect.a|upper|default('x') }}", {"a"}),
        ("{{ prospect.a|default(prospect.b) }}", {"b"}),
        ("{% if prospect.a %}{{ prospect.a }}{% endif %}", set()),
        ("{% if prospect.a %}{{ prospect.b }}{% endif %}", {"b"}),
        ("{% if prospect.a %}x{% else %}{{ prospect.a }}{% endif %}", {"a"}),
        ("{% if not prospect.a %}x{% else %}{{ prospect.a }}{% endif %}", set()),
        ("{% if prospect.a and prospect.b %}{{ prospect.a }}{{ prospect.b }}{% endif %}", set()),
        ("{% if prospect.a or prospect.b %}{{ prospect.a }}{% endif %}", {"a"}),
        ("{% if not prospect.a or not prospect.b %}x{% else %}{{ prospect.a }}{{ prospect.b }}{% endif %}", set()),
        ("{% if prospect.a == 'x' %}y{% endif %}", {"a"}),
        ("{% if prospect.a and prospect.a == 'x' %}y{% endif %}", set()),
        ("{{ prospect.a if prospect.a else 'x' }}", set()),
        ("{% for x in prospect.a %}{{ x }}{{ prospect.b }}{% endfor %}", {"a", "b"}),
        ("{{ owner.name }} {{ pick.title }}", set()),
    ],
)
def test_needed_columns(source: str, needed: set[str]) -> None:
    """A column is needed unless `default` or an `if` on the same column says what happens without it."""
    assert columns(template(source)) == needed


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_what_is_not_needed_is_not_missed(data: st.DataObject) -> None:
    """With exactly the needed columns filled, a template of conditions and defaults always renders."""
    column = st.sampled_from(["a", "b", "c"]).map(lambda name: f"prospect.{name}")
    test = st.recursive(
        column,
        lambda inner: st.one_of(
            inner.map(lambda one: f"(not {one})"),
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda three: f"({' '.join(three)})"),
        ),
        max_leaves=4,
    )
    shape = st.one_of(
        column.map(lambda one: "{{ %s }}" % one),  # noqa: UP031  (braces are what this is about)
        column.map(lambda one: "{{ %s|default('x') }}" % one),  # noqa: UP031
        st.tuples(test, column, column).map(lambda three: "{%% if %s %%}{{ %s }}{%% else %%}{{ %s }}{%% endif %%}" % three),  # noqa: UP031
        st.tuples(column, test, column).map(lambda three: "{{ %s if %s else %s }}" % three),  # noqa: UP031
    )
    source = "-".join(data.draw(st.lists(shape, min_size=1, max_size=3)))
    found = template(source + ".")
    filled = columns(found) | data.draw(st.sets(st.sampled_from(["a", "b", "c"])))
    render(found, {"prospect": dict.fromkeys(filled, "v")})


def test_subject_and_preheader_count() -> None:
    """Every piece of a template counts, not only its body."""
    found, _ = parse_template(
        "---\nsubject: '{{ prospect.a }}'\npreheader: '{{ prospect.b }}'\n---\n{{ prospect.c }}\n", "t.md", "t"
    )
    assert found is not None
    assert columns(found) == {"a", "b", "c"}


# -- rendering -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            "{{ prospect.nickname }}",
            'prospect.nickname is missing or empty; fill it in, or write {{ prospect.nickname|default("...") }} in the template',
        ),
        (
            "{{ prospect.company }}",
            'prospect.company is missing or empty; fill it in, or write {{ prospect.company|default("...") }} in the template',
        ),
        (
            "{{ prospect.company|upper }}",
            'prospect.company is missing or empty; fill it in, or write {{ prospect.company|default("...") }} in the template',
        ),
        ("{{ reply.quote }}", "reply is missing; the template can't be written without it"),
        (
            "{% for x in prospect.list %}{% endfor %}.",
            'prospect.list is missing or empty; fill it in, or write {{ prospect.list|default("...") }} in the template',
        ),
        ("{{ prospect.first_name|int }}", '"Ann" is not a whole number'),
        ("{{ prospect.first_name|date }}", '"Ann" is not a date such as 2026-03-31'),
        ("{{ prospect }}", "a list or a group of values can't be written out; name one of them, or use |join"),
        ("{% if prospect.company %}x{% endif %}", "the message is empty for this person; look at the conditions in the template"),
    ],
)
def test_nothing_renders_as_nothing(source: str, sentence: str) -> None:
    """A value that is missing or empty stops the message, with a sentence for the rep."""
    with pytest.raises(CannotRender, match=f"^{re.escape(sentence)}$"):
        text(source)


def test_methods_are_not_data() -> None:
    """A column may be called like a method of a mapping or of a text."""
    assert text("{{ prospect.items }} {{ prospect.title }}", prospect={"items": "3 crates", "title": "CEO"}) == "3 crates CEO"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a\nBcc: x@example.com", "subject contains a line break"),
        ("a\u2028b", "subject contains a line break"),
        ("=?utf-8?q?Bcc=3A?=", 'subject contains "=?"'),
        ("x" * 300, "subject has 300 characters; at most 200"),
        ("  ", "subject is empty for this person"),
    ],
)
def test_subjects(name: str, sentence: str) -> None:
    """A subject that could break out of its header, or is none, stops the message."""
    with pytest.raises(CannotRender, match=re.escape(sentence)):
        render(template("Hi.", "{{ prospect.name }}"), {"prospect": {"name": name}})


def test_output_is_bounded() -> None:
    """A message over 64 KB is not made, however it grew, and stops growing in time."""
    body = "{% for fact in learned %}" + "{{ fact }}" * 50 + "{% endfor %}"
    begin = time.process_time()
    with pytest.raises(CannotRender, match="grows over 64 KB"):
        text(body, learned=["x" * 1000] * 100_000)
    assert time.process_time() - begin < 2


def test_only_plain_data() -> None:
    """An object that can do something never reaches a template: that is a mistake of ours, and loud."""
    with pytest.raises(TypeError, match=r"prospect\.file is a"):
        render(template("Hi."), {"prospect": {"file": open}})


def test_the_scope_is_not_changed() -> None:
    """Rendering copies; the caller's mapping stays as it was."""
    scope = {"prospect": {"a": ["x"]}}
    render(template("{{ prospect.a|join }}"), scope)
    assert scope == {"prospect": {"a": ["x"]}}
    assert type(scope["prospect"]) is dict


class _Seen(HTMLParser):
    """Tags and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        assert not any(name.startswith("on") or name == "src" for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.words += data


def seen(html: str) -> _Seen:
    found = _Seen()
    found.feed(html.partition("<body>")[2])
    return found


MARKUP = "{{ 7*7 }} {% if %} **b** _i_ `c` <b>x</b> <script>alert(1)</script> [a](http://evil.example) ![i](http://evil.example/i.png) &lt; # 1. - > |"


def test_data_stays_data() -> None:
    """Template tags, Markdown and HTML in a value are shown as they were typed, in both parts."""
    made = render(template("You said: {{ prospect.words }}"), {"prospect": {"words": MARKUP}})
    assert made.text == f"You said: {MARKUP}\n"
    page = seen(made.html)
    assert page.words.strip() == f"You said: {MARKUP}"
    assert page.links == []
    assert set(page.tags) == {"div", "p"}
    assert "49" not in made.text + made.html


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab1 \n\\`*_{}[]()<>#+-.!|~&;:/=\"'%@^$,?é\u00a0"), min_size=1, max_size=40))
def test_any_value_is_shown_as_typed(value: str) -> None:
    """Whatever a value holds, the page has no element that the template did not have, and shows the same characters."""
    made = render(template("Start {{ prospect.value }} end"), {"prospect": {"value": value}})
    page = seen(made.html)
    assert set(page.tags) <= {"div", "p", "br"}
    assert re.sub(r"\s+", "", page.words) == re.sub(r"\s+", "", f"Start{value}end")


def test_markdown_of_the_template() -> None:
    """The template's own Markdown is markup in the page and stays as typed in the text."""
    body = "Hi **{{ prospect.first_name }}**,\n\n- [{{ pick.title }}]({{ pick.url }})\n- <{{ pick.url }}>\n\n{{ mailbox.signature }}\n"
    made = render(template(body), SCOPE)
    page = seen(made.html)
    assert page.links == [SCOPE["pick"]["url"]] * 2
    assert {"strong", "ul", "li", "a", "br"} <= set(page.tags)
    assert "Fewer_returns" in page.words
    assert "- [Fewer_returns](https://example.org/a_b?c=1&d=2)\n- <https://example.org/a_b?c=1&d=2>" in made.text
    assert "Dana Reyes\nExample Ltd" in made.text


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "JaVaScRiPt:alert(1)", "//evil.example"],
)
def test_links_in_data(url: str) -> None:
    """A link whose address comes from data is a link only with a scheme of ours."""
    made = render(template("[x]({{ pick.url }})"), {"pick": {"url": url}})
    assert all(link.startswith(("http:", "https:", "mailto:", "tel:")) for link in seen(made.html).links)


def test_footer_and_preheader() -> None:
    """The footer stands below a thin rule in both parts, the preheader only in the page, both as typed."""
    found, _ = parse_template(
        "---\nsubject: Hello\npreheader: Soon & short\nreply_to: '{{ mailbox.address }}'\n---\nHi.\n", "t.md", "t"
    )
    assert found is not None
    made = render(found, SCOPE, footer='Example Ltd, 1 Main Street\nNot for you? Answer "stop" <now>.')
    assert made.text.endswith('\n\n────────────\nExample Ltd, 1 Main Street\nNot for you? Answer "stop" <now>.\n')
    assert "-- " not in made.text
    assert 'Not for you? Answer "stop" <now>.' in seen(made.html).words
    assert "Soon & short" in seen(made.html).words
    assert "Soon" not in made.text
    assert made.reply_to == "dana@example.com"


@pytest.mark.parametrize("address", ["dana@example.com, eve@example.com", "Dana <dana@example.com>", "dana", "a@b\nBcc: c@d"])
def test_reply_to_is_one_address(address: str) -> None:
    """`reply_to` is one bare address: at check where it is written out, at the touch where it comes from data."""
    written = f"---\nsubject: Hello\nreply_to: {address.splitlines()[0]!r}\n---\nHi.\n"
    assert "\n" in address or parse_template(written, "t.md", "t")[0] is None
    found, _ = parse_template("---\nsubject: Hello\nreply_to: '{{ owner.address }}'\n---\nHi.\n", "t.md", "t")
    assert found is not None
    with pytest.raises(CannotRender, match="reply_to"):
        render(found, {"owner": {"address": address}})


def test_line_ends_of_data() -> None:
    """Whatever line ends a value has, the text has Unix ones."""
    assert text("{{ prospect.words }}", prospect={"words": "a\r\nb\rc"}) == "a\nb\nc"


@pytest.mark.parametrize(
    "piece", ["*", "[", "`", "<", "\\", "> ", "- ", "](", "![", "&#0;", "_*", "http://a.b ", "\n", "\n\n    "]
)
def test_hostile_values_take_no_time(piece: str) -> None:
    """A long value that is all markup is shown or refused for its length, in under a second."""
    begin = time.process_time()
    for size in (10_000, 60_000):
        with contextlib.suppress(CannotRender):
            render(template("You said: {{ prospect.words }}."), {"prospect": {"words": (piece * size)[:size]}})
    assert time.process_time() - begin < 2


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab{}%#|.()[]'\"-: \n<>!*\\prospectif"), max_size=60))
def test_any_text_gives_a_template_or_problems(body: str) -> None:
    """Nothing that can be typed raises, every place is inside the file, and what passes renders or says why not."""
    found, problems = parse_template(f"---\nsubject: Hello\n---\n{body}", "t.md", "t")
    assert (found is None) == bool(problems)
    assert all(4 <= problem.line <= 4 + body.count("\n") + 1 for problem in problems)
    if found is not None:
        columns(found)
        with contextlib.suppress(CannotRender):
            render(found, SCOPE)


def test_no_tracking() -> None:
    """A page loads nothing: no image, no style sheet, no script, no link but the template's own."""
    made = render(template("Hello [there](https://example.com/)."), SCOPE, footer="x")
    assert not re.search(r"(?i)<(img|link|script|iframe|object|form)|src=|url\(", made.html)
    assert seen(made.html).links == ["https://example.com/"]


# -- conditions and lines ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("prospect.team_size|int >= 20", True),
        ("prospect.team_size|int >= 30", False),
        ("prospect.first_name in ['Ann', 'Bob']", True),
        ("prospect.company", False),
        ("not prospect.company", True),
        ("prospect.nobody_knows|int >= 20", False),
        ("prospect.nobody_knows != 'x'", False),
        ("prospect.nobody_knows|default('y') != 'x'", True),
        ("today|date('%A') == 'Thursday'", True),
        ("prospect.company if prospect.nobody_knows else prospect.first_name", True),
        ("today.year", False),
    ],
)
def test_conditions(expression: str, holds: bool) -> None:
    """A condition holds or not; what nobody knows does not hold."""
    assert evaluate(expression, SCOPE) is holds


@pytest.mark.parametrize(
    "expression",
    [
        "prospect.team_size > 20",
        "prospect.first_name|int > 1",
        "range(3)",
        "1 %}{% set x = 1",
        "1 #}",
        "1 {# x",
        "prospect.company, today",
        "[prospect.company]",
        "today }}{{ today",
        "today and",
        "",
        "-prospect.first_name",
    ],
)
def test_conditions_that_do_not_fit(expression: str) -> None:
    """A condition that can't be judged says so."""
    with pytest.raises(CannotRender):
        evaluate(expression, SCOPE)


def test_lines() -> None:
    """A one-line text of a cadence stays one line."""
    assert (
        render_line("Call {{ prospect.first_name }}: {{ reply.quote }}", {**SCOPE, "reply": {"quote": "yes\nplease"}})
        == "Call Ann: yes please"
    )


def test_dates_of_any_kind() -> None:
    """Dates, moments and ISO text are all dates."""
    for value in (date(2026, 3, 2), datetime(2026, 3, 2, 9, 30), "2026-03-02", "2026-03-02 09:30", "2026-03-02T09:30:00+01:00"):  # noqa: DTZ001
        assert text("{{ prospect.at|date('%d %B') }}", prospect={"at": value}) == "02 March"


def test_compiled_once() -> None:
    """The same text is compiled once: a thousand renderings take well under two seconds."""
    found = template("Hi {{ prospect.first_name }},\n\n" + "Some words. " * 100)
    begin = time.process_time()
    for _ in range(1000):
        render(found, SCOPE)
    assert time.process_time() - begin < 5
