"""A no to the offer and a wish for no contact are two things, and silence is a third: each has a proof of its own."""

from __future__ import annotations

import pytest

from followupd.core.model import ReplyKind
from tests.core.test_replies import read

ASKED = "Hello Ann, shall we talk?"

OPT_OUTS = (
    "No thanks, and please take me off your list.",
    "No thank you. Please remove me from your mailing list.",
    "Not interested. Unsubscribe.",
    "We are not interested, please stop emailing me.",
    "No, thanks. Don't contact me again.",
    "We have chosen another supplier. Please don't write to me again.",
    "Thanks but no thanks. Kindly delete my details.",
    "It's a no from us. Please delete my data.",
    "Not for us - no more emails please.",
    "We went with a competitor, so please no further mails.",
    "No budget this year. Please take us off your list.",
    "No. And lose my number.",
    "No, leave me alone.",
    "Sorry, too expensive for us. Please do not email me any more.",
    "Nein danke, bitte streichen Sie mich aus Ihrem Verteiler.",
    "Nein, danke. Bitte keine weiteren E-Mails.",
    "Kein Interesse. Bitte nehmen Sie mich aus der Liste.",
    "Wir haben kein Budget. Bitte schreiben Sie mir nicht mehr.",
    "Wir haben uns für einen anderen Anbieter entschieden. Bitte löschen Sie meine Daten.",
    "Danke, kein Bedarf. Bitte kontaktieren Sie mich nicht mehr.",
    "Kein Interesse, bitte von weiteren Mails absehen.",
    "Kein Interesse und bitte nicht mehr anschreiben.",
    "Nein, und bitte keine Nachrichten mehr.",
    "Non merci, et merci de me retirer de votre liste.",
    "Nous ne sommes pas intéressés. Merci de ne plus me contacter.",
    "Non merci, désinscrivez-moi.",
    "Pas intéressé, merci de supprimer mon adresse.",
    "Nous avons choisi un autre prestataire, ne m'écrivez plus s'il vous plaît.",
    "Non merci. Veuillez ne plus m'envoyer de mails.",
    "No gracias, y por favor denme de baja.",
    "No nos interesa. No me escriban más, por favor.",
    "No grazie, e per favore cancellatemi dalla lista.",
    "Non ci interessa. Non scrivetemi più.",
    "Nee bedankt, en haal me van de lijst.",
    "Geen interesse, graag uitschrijven.",
    "Nee, mail me niet meer.",
    "Não obrigado, e remova-me da lista.",
    "Não temos interesse. Não me enviem mais e-mails.",
    "Nie, dziękuję. Proszę usunąć mnie z listy.",
    "Nej tack, ta bort mig från listan.",
    "Nej tak, og fjern mig fra listen.",
    "No thanks. Please do not contact me or my colleagues again.",
    "We've decided against it. I don't want to hear from you again.",
    "Not interested, please take me off.",
    "No. Stop.",
    "no thanks, stop",
    "We are not interested and would prefer not to receive further emails.",
    "Not interested. Remove me.",
    "No thanks, please remove.",
    "Not a fit. Take me off your cadence.",
    "We'll pass. Please stop following up.",
    "No need, please cease contact.",
    "Nope. Do not write again.",
)
"""A no, and no contact any more: the second counts."""

IN_DOUBT = (
    "Nein danke. Stop.",
    "No thanks. I'd rather not hear from you again.",
)
"""Perhaps the same: a human looks, and nothing is sent until then, not even thanks."""

NOES = (
    "No thanks, we are not interested.",
    "We have chosen another supplier.",
    "Nein danke, wir haben kein Budget.",
    "Kein Interesse, danke.",
    "Not for us, sorry. We have been let down by such tools before.",
    "No thanks. All the best.",
    "No, thanks. We will stop using such tools altogether.",
    "Not interested, our list of suppliers is closed.",
    "No thanks. We decided to stop the project.",
    "Nein, danke. Wir stoppen das Projekt.",
    "We are not interested. Keep up the good work.",
    "Not for us. We stopped buying tools last summer, and we do not miss them.",
    "No thanks. Please do not take it personally.",
    "Non merci, ce n'est pas pour nous.",
    "No gracias, no nos interesa.",
    "No grazie, non ci interessa.",
    "Nee bedankt, geen interesse.",
    "Não obrigado, não temos interesse.",
)
"""Noes to the offer: they say nothing of mail."""


@pytest.mark.parametrize("words", OPT_OUTS)
def test_opt_out_beside_a_no(words: str) -> None:
    """A no that asks for no more mail is an opt-out, in every language."""
    assert read(words, asked=ASKED).kind == ReplyKind.UNSUBSCRIBE


@pytest.mark.parametrize("words", IN_DOUBT)
def test_doubt_beside_a_no(words: str) -> None:
    """A no that may ask for no more mail is not taken for a no alone."""
    assert read(words, asked=ASKED).kind in {ReplyKind.UNSUBSCRIBE, ReplyKind.UNCLEAR}


@pytest.mark.parametrize("words", NOES)
def test_no_alone(words: str) -> None:
    """A no to the offer is no opt-out: it is thanked for."""
    assert read(words, asked=ASKED).kind == ReplyKind.NO
