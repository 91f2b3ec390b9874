"""Dates of return, in thirteen languages: each form, each rule of resolution, and what is no date of return."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followupd.core.replies.dates import resume_date
from followupd.core.replies.dates.days import months_later

WRITTEN = date(2026, 5, 5)  # a Tuesday

LATER = [
    ("Call me on 18 June.", date(2026, 6, 18)), ("Try me the week of the 8th of June", date(2026, 6, 8)), ("in a fortnight", date(2026, 5, 19)),
    ("Circle back in Q3", date(2026, 7, 1)), ("second half of the year", date(2026, 7, 1)), ("next quarter", date(2026, 7, 1)), ("mid-September", date(2026, 9, 15)),
    ("by the end of August", date(2026, 8, 31)), ("ask me in January", date(2027, 1, 4)), ("next year please", date(2027, 1, 4)), ("in six months", date(2026, 11, 5)),
    ("the week after next", date(2026, 5, 18)), ("Tuesday next week", date(2026, 5, 12)), ("call me Monday", date(2026, 5, 11)), ("week 34", date(2026, 8, 17)),
    ("after the summer", date(2026, 9, 1)), ("in spring", date(2027, 3, 1)), ("after the 6th of June", date(2026, 6, 8)), ("the third quarter", date(2026, 7, 1)),
    ("Melden Sie sich in KW 34", date(2026, 8, 17)), ("nächste Woche", date(2026, 5, 11)), ("Anfang Juli", date(2026, 7, 1)), ("in zwei Wochen", date(2026, 5, 19)),
    ("im neuen Jahr", date(2027, 1, 4)), ("nach den Sommerferien", date(2026, 9, 1)), ("am 12.6.", date(2026, 6, 12)), ("im dritten Quartal", date(2026, 7, 1)),
    ("rappelez-moi mi-juin", date(2026, 6, 15)), ("le mois prochain", date(2026, 6, 1)), ("dans quinze jours", date(2026, 5, 19)), ("fin juin", date(2026, 6, 30)),
    ("la semana que viene", date(2026, 5, 11)), ("a finales de junio", date(2026, 6, 30)), ("después de Semana Santa", date(2027, 3, 30)), ("en septiembre", date(2026, 9, 1)),
    ("risentiamoci a settembre", date(2026, 9, 1)), ("la settimana prossima", date(2026, 5, 11)), ("fra un mese", date(2026, 6, 5)), ("dopo l'estate", date(2026, 9, 1)),
    ("volgende maand", date(2026, 6, 1)), ("over drie weken", date(2026, 5, 26)), ("half juni", date(2026, 6, 15)), ("na 6 juni", date(2026, 6, 8)),
    ("no mês que vem", date(2026, 6, 1)), ("daqui a duas semanas", date(2026, 5, 19)), ("meados de julho", date(2026, 7, 15)), ("na segunda-feira, 8 de junho", date(2026, 6, 8)),
    ("w przyszłym tygodniu", date(2026, 5, 11)), ("za dwa tygodnie", date(2026, 5, 19)), ("na początku lipca", date(2026, 7, 1)), ("po 6 czerwca", date(2026, 6, 8)),
    ("nästa vecka", date(2026, 5, 11)), ("om tre veckor", date(2026, 5, 26)), ("i augusti", date(2026, 8, 3)), ("v. 34", date(2026, 8, 17)),
    ("i næste måned", date(2026, 6, 1)), ("om to uger", date(2026, 5, 19)), ("uge 34", date(2026, 8, 17)), ("efter sommerferien", date(2026, 9, 1)),
    ("příští týden", date(2026, 5, 11)), ("za tři týdny", date(2026, 5, 26)), ("v září", date(2026, 9, 1)), ("začátkem července", date(2026, 7, 1)),
    ("gelecek hafta", date(2026, 5, 11)), ("iki hafta sonra", date(2026, 5, 19)), ("haziranda arayın", date(2026, 6, 1)), ("18 Haziran'da", date(2026, 6, 18)),
    ("来週お願いします", date(2026, 5, 11)), ("6月18日以降", date(2026, 6, 18)), ("7月中旬にご連絡ください", date(2026, 7, 15)), ("来月", date(2026, 6, 1)), ("2週間後", date(2026, 5, 19)),
]  # fmt: skip
ABSENT = [
    ("I am away until 6 May.", date(2026, 5, 7)), ("I am away until 8 May.", date(2026, 5, 11)), ("Out until Monday.", date(2026, 5, 11)), ("Closed 3 to 21 August.", date(2026, 8, 24)),
    ("On leave from 28 May to 11 June inclusive.", date(2026, 6, 12)), ("Back on Monday 11 May.", date(2026, 5, 11)), ("I'm out, back 20 May. Until then ask Jo.", date(2026, 5, 20)),
    ("Closed over Christmas and New Year, we reopen on Monday 4 January 2027", date(2027, 1, 4)), ("Not back before 1 June", date(2026, 6, 1)),
    ("Ich bin bis 15. Mai im Urlaub und ab Montag wieder da.", date(2026, 5, 18)), ("vom 3. bis 21. August geschlossen", date(2026, 8, 24)), ("wieder erreichbar am 20.05.2026", date(2026, 5, 20)),
    ("Absente jusqu'au 15 mai inclus", date(2026, 5, 18)), ("de retour le lundi 18", date(2026, 5, 18)), ("du 1er au 24 août, réouverture mardi 25", date(2026, 8, 25)),
    ("Estaré fuera hasta el 15 de mayo", date(2026, 5, 18)), ("no volveré hasta el 1 de junio", date(2026, 6, 1)), ("Volvemos el miércoles 10 de junio", date(2026, 6, 10)),
    ("in ferie dal 3 al 21 agosto", date(2026, 8, 24)), ("rientro mercoledì 20", date(2026, 5, 20)), ("afwezig t/m 15 mei", date(2026, 5, 18)), ("weer terug op 20 mei", date(2026, 5, 20)),
    ("de férias até 15 de maio", date(2026, 5, 18)), ("Retornamos na segunda-feira, 8 de junho", date(2026, 6, 8)), ("na urlopie do 15 maja", date(2026, 5, 18)), ("wracam w poniedziałek 18 maja", date(2026, 5, 18)),
    ("på semester till och med 15 maj", date(2026, 5, 18)), ("åter den 18 maj", date(2026, 5, 18)), ("lukket til og med fredag den 15. maj", date(2026, 5, 18)), ("tilbage mandag den 18. maj", date(2026, 5, 18)),
    ("na dovolené do 15. května", date(2026, 5, 18)), ("zpět budu v pondělí 18. 5.", date(2026, 5, 18)), ("15 Mayıs'a kadar izindeyim", date(2026, 5, 18)), ("18 Mayıs Pazartesi dönüyorum", date(2026, 5, 18)),
    ("5月15日まで不在です", date(2026, 5, 18)), ("5月18日(月)より出社します", date(2026, 5, 18)),
]  # fmt: skip
NOTHING = [
    "some time", "when things calm down", "soon", "5/6 or so", "since March we have a new director", "it was decided in April", "your mail of 3 May", "room 14, building 7",
    "call me on 0161 496 0000", "at 14:30", "it costs 12.50 each", "version 2.10", "24/7", "We have 18 people", "unterwegs", "bientôt", "pronto", "binnenkort", "wkrótce", "snart", "brzy", "yakında", "そのうち",
]  # fmt: skip


@pytest.mark.parametrize(("text", "day"), LATER)
def test_when_to_talk_again(text: str, day: date) -> None:
    """A date in a "later" is read against the day on which it was written."""
    assert resume_date(text, WRITTEN) == day


@pytest.mark.parametrize(("text", "day"), ABSENT)
def test_return_from_an_absence(text: str, day: date) -> None:
    """An absence ends with the day of return, or with the working day after its last day."""
    assert resume_date(text, WRITTEN, prefers_end=True) == day


@pytest.mark.parametrize("text", NOTHING)
def test_no_date(text: str) -> None:
    """What is vague, past, or no date at all gives none: a person is asked."""
    assert resume_date(text, WRITTEN) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Tuesday 5/6", None),
        ("Friday 5/6", date(2026, 6, 5)),
        ("ich bin ab 5/6 da", date(2026, 6, 5)),
        ("13/6", date(2026, 6, 13)),
    ],
)
def test_day_or_month_first(text: str, day: date | None) -> None:
    """5/6 could be either: a weekday that fits one reading settles it, or a language that writes the day first, or a number above 12."""
    assert resume_date(text, WRITTEN) == day


@given(
    st.dates(date(2024, 1, 1), date(2030, 12, 31)),
    st.integers(1, 700),
    st.sampled_from(["{d} {m} {y}", "{m} {d}, {y}", "{y}-{n:02}-{d:02}", "{d}.{n}.{y}"]),
)
def test_a_day_is_that_day(written: date, ahead: int, form: str) -> None:
    """A day of a month with its year comes back as itself, whatever the day of the mail."""
    day = written + timedelta(days=ahead)
    text = form.format(d=day.day, m=day.strftime("%B"), n=day.month, y=day.year)
    assert resume_date(f"call me on {text} please", written) == day


@given(st.text(max_size=300), st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.booleans())
def test_any_text(text: str, written: date, away: bool) -> None:
    """No text breaks it, and no answer lies before the mail or more than two years ahead."""
    found = resume_date(text, written, prefers_end=away)
    assert found is None or written < found <= months_later(written, 24)


PIECES = st.lists(
    st.sampled_from(
        "until back 3 4. 12/5 monday may next week in two months after easter q3 kw 34 end of 2027 月 日 5月 mi- - . , ; pas from to".split(
            " "
        )
    ),
    max_size=40,
)


@given(PIECES, st.dates(date(2024, 1, 1), date(2030, 1, 1)), st.booleans())
def test_any_pieces(pieces: list[str], written: date, away: bool) -> None:
    """Nor does any heap of the words that dates are made of."""
    found = resume_date(" ".join(pieces), written, prefers_end=away)
    assert found is None or written < found <= months_later(written, 24)
