"""Forms: what is put into HTML that was made before is what Markdown would have made of it, for any text and any value."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jinja2 import StrictUndefined, Template

from followupd.files import language, page
from followupd.files.sandbox import TYPED
from followupd.files.templates import CannotRender, parse_template

TEMPLATES = sorted((Path(__file__).parents[2] / "templates").rglob("*.md"))


def _as_markdown(value: Any) -> Any:
    return value if isinstance(value, StrictUndefined) else page.escaped(str(TYPED.finalize(value)))


ESCAPING = TYPED.overlay(finalize=_as_markdown)
"""Jinja2's own code, with every value escaped as it is inserted: what a letter is without forms."""


def slowly(source: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """The two parts, made of the whole text for this one person."""
    typed, escaping = compiled(source)
    return page._tidy(typed.render(values)), page.rendered(escaping.render(values))


@lru_cache(maxsize=64)
def compiled(source: str) -> tuple[Template, Template]:
    return TYPED.from_string(source), ESCAPING.from_string(page.linked(source))


def by_form(source: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """The two parts, as a letter is written."""
    own = page.form_of(language.pieces(source, values))
    linked = page.form_of(language.pieces(page.linked(source), values))
    return page.typed(own), page.to_html(linked)


WORDS = st.sampled_from(
    "Ann|Zoë|恵子|a|Łódź tools|O'Neil & Sons Inc.|AT&T|<b>|</p>|<x@y.z>|&amp;|&|#38;|amp|a&b;|[x](https://e.f)|[r]|r|]|)|(|](https://x)|https|http|mailto:a@b.c"
    "|https://ex.org/a_b?c=1&d=2|https://ex.org/ä?x=%zz|javascript:alert(1)|tel:+1 2|a b|a  b| a|a |.é|é.|…x|x…|“q”|😀|a😀|½|²|٣|7|42|2. x|3) x|- x|* x|+ x|# x|> x|*b*|_i_|__|a_b"
    "|a*b*c|**|\\|\\*|a\\|`c`|```|---|===|~|x:|:x|%|%s|100%|+49 30|\u200b|a\u200bb|\xa0|a\xa0b|\ue000|x\ue001|e\u0301|\u0301e|a\nb|a\n\n- b|\n|\t|a\rb|{{ x }}|".split(
        "|"
    )
)
ADDRESS = st.one_of(
    st.sampled_from(
        ["mailto:dana+t.abc.0123456789ab@example.com?subject=Yes%20%5Bf-abc-0123%5D&body=Let%27s%20talk", "mailto:a@xn--bcher-kva.example?x=%zz", "mailto:A_b.c@a.b"]
    ),
    st.from_regex(page._ADDRESS, fullmatch=True),
)  # fmt: skip
VALUE = st.one_of(WORDS, ADDRESS, st.lists(WORDS, min_size=2, max_size=3).map("".join), st.text(max_size=8))
OWN = st.sampled_from(
    ["*", "**", "_", "__", "# ", "- ", "1. ", "1) ", "> ", "[", "]", "(", ")", "](", "](https://a.b/c)", "[x](https://a.b/c)", '[x](https://a.b "t")']
    + ["[x](<https://a.b/>)", "<", ">", "<https://a.b>", "<https:", "mailto:", "https:", "@a.b", "&", ";", "&amp;", "&#", "\\", "!", ".", ",", ":", "]:", "[r]: https://a.b\n"]
    + ["[r]", "\n", "\n\n", "\n\n\n", " ", "  ", "    ", "\t", "---", "===", "text", "word ", " word", "%", "%s", "%(a)s", "`", "```\n", "é", "漢", "…", "“", "\ue000", "\xa0"]
    + ["7", "x", "  \n", "\\\n", "\r\n"]
)  # fmt: skip
INSERTED = st.sampled_from(
    ["{{ prospect.a }}", "{{ prospect.b }}", "{{ prospect.c|default('you') }}", "{{ prospect.a|upper }}", "<{{ prospect.b }}>", "[{{ prospect.a }}]({{ prospect.b }})"]
    + ["[{{ prospect.a }}](https://a.b)", "[x]({{ prospect.d }})", "[x](mailto:{{ prospect.a }})", "](", "]({{ prospect.d }})", "{% for x in learned %}- {{ x }}\n{% endfor %}", "{% if prospect.d %}{{ prospect.d }}{% endif %}", "{{ learned|join(', ') }}"]
    + ["**{{ prospect.a }}**", "*{{ prospect.b }}*", "_{{ prospect.a }}_", "# {{ prospect.a }}\n", "\n{{ prospect.a }}. ", "> {{ prospect.b }}"]
)  # fmt: skip
SOURCE = st.lists(OWN | INSERTED, min_size=1, max_size=12).map("".join)
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {"prospect": st.dictionaries(st.sampled_from("abcd"), VALUE), "learned": st.lists(VALUE, max_size=3)},
    ),
    min_size=1,
    max_size=5,
)


def the_same(source: str, scope: Mapping[str, Any]) -> None:
    values = language.data(scope)
    try:
        language.run(source, values)
        expected = slowly(source, values)
        assert len(compiled(source)[1].render(values).encode()) <= language.MAX_OUTPUT
    except Exception:  # noqa: BLE001 - a value is missing, or does not fit: whatever Jinja2 says of it
        with pytest.raises(CannotRender):
            by_form(source, values)
        return
    assert by_form(source, values) == expected


@settings(max_examples=120, deadline=None)
@given(source=SOURCE, people=PEOPLE)
@example(source="[x]({{ prospect.a }}:foo)", people=[{"prospect": {"a": "https"}, "learned": []}])
@example(source="&{{ prospect.a }};", people=[{"prospect": {"a": "amp"}, "learned": []}])
@example(source="<{{ prospect.a }}x@a.b>", people=[{"prospect": {"a": "ann"}, "learned": []}])
@example(source="[{{ prospect.a }}]\n\n[r]: https://a.b", people=[{"prospect": {"a": "r"}, "learned": []}])
@example(source="{{ prospect.a }}. x", people=[{"prospect": {"a": "7"}, "learned": []}])
@example(source="*{{ prospect.a }}*x", people=[{"prospect": {"a": "a."}, "learned": []}, {"prospect": {"a": "a"}, "learned": []}])
@example(source='[x](https://a.b "[y]({{ prospect.a }})")', people=[{"prospect": {"a": "mailto:a@b?c=d"}, "learned": []}])
@example(source="[x\\]({{ prospect.a }})", people=[{"prospect": {"a": "mailto:a@b?c=d"}, "learned": []}])
@example(
    source="[x]({{ prospect.a }}) {{ prospect.b }}", people=[{"prospect": {"a": "mailto:a@b?c=_d_", "b": "*"}, "learned": []}]
)
@example(source="[x](mailto:{{ prospect.a }})", people=[{"prospect": {"a": "Zoë K"}, "learned": []}])
@example(source="a{{ prospect.a }}", people=[{"prospect": {"a": "[" * 40_000}, "learned": []}])
@example(source="a{{ prospect.a }}", people=[{"prospect": {"a": "[" * 7_999}, "learned": []}])
@example(source="x*{{ prospect.a }}*", people=[{"prospect": {"a": "a"}, "learned": []}, {"prospect": {"a": ".a"}, "learned": []}])
@example(source="\\{{ prospect.a }}*", people=[{"prospect": {"a": "*a"}, "learned": []}])
def test_any_text_and_any_value(source: str, people: list[Mapping[str, Any]]) -> None:
    """Whoever gets a letter gets it as if it had been made for them alone, whoever got it before."""
    if not language.check(source) and not language.check(page.linked(source)):
        for scope in people:
            the_same(source, scope)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
@settings(max_examples=5, deadline=None)
@given(people=st.lists(st.fixed_dictionaries({"a": VALUE, "b": VALUE, "c": VALUE}), min_size=1, max_size=3))
def test_the_starter_set(path: Path, people: list[Mapping[str, str]]) -> None:
    """The templates that come with followupd, with every name that they use filled by anything."""
    template, problems = parse_template(path.read_text(encoding="utf-8"), str(path), path.stem, task="tasks" in path.parts)
    assert template is not None, problems
    spoken = language.named((template.body,))
    for person in people:
        filling = list(person.values())
        scope = {
            name: {part: filling[number % 3] for number, part in enumerate(sorted(parts or ()))} for name, parts in spoken.items()
        }
        the_same(template.body, scope)


def test_markdown_is_rendered_once_for_a_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred people who differ in plain words cost one rendering; somebody with a line break, or with markup, is right all the same."""
    rendered = page.rendered
    calls: list[str] = []
    monkeypatch.setattr(page, "rendered", lambda markdown: calls.append(markdown) or rendered(markdown))
    page._html_form.cache_clear()
    source = "Hello {{ prospect.a }},\n\n**{{ prospect.b }}** has [a shop](https://a.b/c) in {{ prospect.c }}.\n"
    people = [{"a": f"Zoë {number}", "b": f"Söhne {number} & Co. Ltd", "c": "St. Gallen (CH)"} for number in range(10, 110)]
    source += "\n- [Yes]({{ doors.yes }})\n- [No]({{ doors.no }})\n"
    for number, one in enumerate(people):
        doors = {door: f"mailto:dana@example.com?subject={door}%20%5Bf-{number}%5D" for door in ("yes", "no")}
        the_same(source, {"prospect": one, "doors": doors})
    assert len(calls) == 1 + len(people)  # those of `slowly`
    the_same(source, {"prospect": {"a": "Ann\nLee", "b": "*x*", "c": "_"}, "doors": {"yes": "https://a.b/", "no": "mailto:ä"}})


def test_what_is_kept_is_bounded() -> None:
    """Neither many forms nor long ones fill the memory."""
    for kept in (page._html_form, page._typed_form, page._escaped):
        assert 0 < kept.cache_info().maxsize <= 1024
    before = page._html_form.cache_info().currsize
    page.to_html(page.form_of(["x" * 9000]))
    assert page._html_form.cache_info().currsize == before


def test_what_a_template_speaks_of() -> None:
    """A name alone wants all of its parts; a part that is named wants no other."""
    assert language.named(("{{ prospect.a }} {{ prospect['b'] }}", "{% for x in learned %}{{ x }}{{ x.y }}{% endfor %}{{ today }}")) == {
        "prospect": frozenset({"a", "b"}), "learned": None, "today": None,
    }  # fmt: skip
    assert language.named(("{{ prospect.a }}{% if prospect %}x{% endif %}",)) == {"prospect": None}
    assert language.named(("{% if %}",)) == {}
