"""A number treated that is in doubt, in every form that a message has."""

from __future__ import annotations

import pytest
from lxml import html as lxml_html

from alert_makers import START, content, study
from ivigil.alerts import (
    AlertKind,
    DigestContent,
    DigestItem,
    Message,
    ProtocolName,
    StudyFacts,
    changes_between,
    digest_html,
    digest_markdown,
    digest_text,
    read_content,
    render,
)

UNSURE = study(n_treated_chance=0.55, treated="perhaps 14, or 41")


def message(facts: StudyFacts, kind: AlertKind = AlertKind.STUDY_ELIGIBLE) -> Message:
    return render(content(kind, study=facts), message_id="a1" * 16, raised_at=START)


def shown_in(told: Message) -> dict[str, str]:
    """Each form of a message as its reader sees it, on one line."""
    forms = {
        "subject": told.subject,
        "text": told.text,
        "html": lxml_html.fromstring(told.html).text_content(),
        "chat_text": told.chat_text,
        "chat_html": lxml_html.fromstring(f"<p>{told.chat_html}</p>").text_content(),
    }
    return {name: " ".join(form.split()) for name, form in forms.items()}


def test_a_doubtful_number_is_told_as_one_in_every_form() -> None:
    """Subject, text, HTML and both chat forms say "perhaps", and none says the number as a fact."""
    for name, form in shown_in(message(UNSURE)).items():
        assert "perhaps 14, or 41" in form, name
        assert "(14 treated)" not in form, name


def test_a_webhook_gets_the_number_its_chance_and_the_words() -> None:
    """The document holds the bare number as before, with the chance and the words beside it."""
    told = message(UNSURE).document["study"]
    assert (told["n_treated"], told["n_treated_chance"], told["treated"]) == (14, 0.55, "perhaps 14, or 41")


def test_an_alert_kept_before_there_were_words_tells_the_bare_number() -> None:
    """A stored alert without chance and words is delivered as it would have been."""
    kept = content().as_stored
    assert not {"n_treated_chance", "treated"} & kept["study"].keys()
    told = render(read_content(kept), message_id="a1" * 16, raised_at=START)
    assert "(14 treated)" in told.subject
    assert "perhaps" not in "".join(shown_in(told).values())


@pytest.mark.parametrize(("treated", "said"), [("perhaps 14", "perhaps 14 treated"), ("", "14 treated")])
def test_the_digest_says_how_sure_a_number_is(treated: str, said: str) -> None:
    """A line of the digest has the words, or the bare number of one that was kept without."""
    day = START.date()
    item = DigestItem(title="Monthly IVIG in SSc", verdict="eligible", n_treated=14, treated=treated, rank=2)
    digest = DigestContent(since=day, until=day, runs=1, complete=1, new_reports=1, eligible=(item,))
    protocol = ProtocolName(name="ivig-ssc")
    for form in (digest_text, digest_markdown, digest_html):
        assert f"rank 2 · {said} · eligible" in form(digest, protocol)


def test_another_chance_is_no_news() -> None:
    """The same number read with more or less certainty changes nothing, and neither does another rival."""
    surer = study(n_treated_chance=0.97, treated="14")
    assert changes_between(UNSURE, surer) == changes_between(surer, UNSURE) == changes_between(study(), UNSURE) == ()
    assert changes_between(UNSURE, study(n_treated_chance=0.5, treated="perhaps 14, or 9")) == ()


def test_another_number_is_told_as_surely_as_each_was_read() -> None:
    """A number that changes is news, each side said with its own certainty."""
    (change,) = changes_between(UNSURE, study(n_treated=41, n_treated_chance=0.9, treated="41"))
    assert (change.what, change.before, change.after) == ("Treated", "perhaps 14, or 41", "41")
