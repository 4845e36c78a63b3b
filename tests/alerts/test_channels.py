"""Channels: one recipient each, the right form for each, and no secret in anything that is shown."""

from __future__ import annotations

import json
import logging
from unittest.mock import patch

import pytest
from pydantic import SecretStr

from alert_makers import START, content
from ivigil.alerts import AlertKind, Link, channels_from, names_of, render
from ivigil.errors import AlertError, ConfigurationError
from sinks import PASSWORD, TOKEN

MESSAGE = render(content(), message_id="a1" * 16, raised_at=START)
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#review"


def channels(*urls: str | SecretStr, seconds: float = 5):
    return channels_from([SecretStr(url) if isinstance(url, str) else url for url in urls], seconds=seconds)


def slack_payload(message) -> dict:
    (channel,) = channels(SLACK)
    with patch("requests.sessions.Session.request") as request:
        request.return_value.status_code = 200
        request.return_value.content = b"ok"
        request.return_value.text = "ok"
        channel.send(message)
    return json.loads(request.call_args.kwargs["data"])


def test_an_email_holds_our_text_and_html(mail) -> None:
    """An e-mail carries the plain text with its links beside the HTML, and an id that a repeated try repeats."""
    (channel,) = channels(mail.url("one@example.org"))
    channel.send(MESSAGE)
    channel.send(MESSAGE)
    first, second = mail.received
    assert first["Subject"] == MESSAGE.subject
    assert first["To"] == "one@example.org"
    assert first.get_body(("plain",)).get_content().replace("\r\n", "\n") == MESSAGE.text
    assert "https://doi.org/10.5555/x.1" in MESSAGE.text
    assert first.get_body(("html",)).get_content().replace("\r\n", "\n").rstrip() == MESSAGE.html.rstrip()
    assert first["Message-ID"] == second["Message-ID"] == f"<{MESSAGE.id}.{channel.hash}@example.org>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Importance"] == "high"


def test_each_recipient_is_a_channel(mail) -> None:
    """A mail URL with several recipients gives one channel each, and a recipient named twice gives one."""
    made = channels(mail.url("one@example.org", "two@example.org"), mail.url("ONE@example.org"))
    assert [channel.name for channel in made] == ["mailto:one@example.org", "mailto:two@example.org"]
    for channel in made:
        channel.send(MESSAGE)
    assert [received["To"] for received in mail.received] == ["one@example.org", "two@example.org"]
    assert len(mail.shown) == 2


def test_options_of_a_mail_url_are_kept(mail) -> None:
    """Sender's name, reply address and headers that a mail URL gives stand in the e-mail."""
    options = "&name=Review%20team&reply=editor@example.org&+X-Team=review"
    (channel,) = channels(SecretStr(mail.url("one@example.org").get_secret_value() + options))
    channel.send(MESSAGE)
    (received,) = mail.received
    assert received["From"] == "Review team <ivigil@example.org>"
    assert received["Reply-To"] == "editor@example.org"
    assert received["X-Team"] == "review"


def test_copies_are_channels_of_their_own(mail) -> None:
    """A recipient of a copy is told by a message of its own, blind or not."""
    url = SecretStr(f"{mail.url('one@example.org').get_secret_value()}&cc=two@example.org&bcc=three@example.org")
    assert [channel.name for channel in channels(url)] == [
        "mailto:one@example.org",
        "mailto:two@example.org",
        "mailto:three@example.org",
    ]


def test_a_webhook_receives_the_document(web) -> None:
    """A json URL is sent the alert's document beside title and message, with headers and an idempotency key."""
    (channel,) = channels(web.url("?+X-Team=review&:room=4"))
    channel.send(MESSAGE)
    (body,) = web.received
    assert body["alert"] == MESSAGE.document
    assert body["title"] == MESSAGE.subject
    assert body["message"] == MESSAGE.text.rstrip()
    assert body["room"] == "4"
    assert web.headers[0]["X-Team"] == "review"
    assert web.headers[0]["Idempotency-Key"] == f"{MESSAGE.id}.{channel.hash}"


def test_chat_receives_the_compact_form() -> None:
    """A chat service is sent the compact form in its own markup, with links."""
    (attachment,) = slack_payload(MESSAGE)["attachments"]
    assert attachment["title"] == MESSAGE.subject
    assert "<https://doi.org/10.5555/x.1|" in attachment["text"]
    assert "Fourteen adults" in attachment["text"]
    assert len(attachment["text"]) < 1500


def test_a_title_cannot_call_the_whole_room() -> None:
    """Markup, mentions and links that stand in a title are shown as text in chat."""
    evil = content(kind=AlertKind.STUDY_UPDATED, study=None, summary="<!channel> *all* [click](https://evil.example)")
    payload = slack_payload(render(evil, message_id="b2" * 16, raised_at=START))["attachments"][0]
    assert "<!channel>" not in payload["text"] + payload["title"]
    assert "&lt;\\!channel" in payload["text"] or "&lt;!channel" in payload["text"]
    assert "<https://evil.example" not in payload["text"]


def test_names_hold_no_secret(mail) -> None:
    """A channel's name and its repr show neither password nor token, and its hash outlives a changed password."""
    made = channels(
        mail.url("one@example.org", password=PASSWORD), SLACK, f"json://u:{PASSWORD}@hooks.example.org/{TOKEN}"
    )
    said = repr(made) + repr(names_of(made)) + "".join(str(channel) for channel in made)
    for secret in (PASSWORD, TOKEN, "TIiajkdnlazkcOXrIdevi7FQ", "T1JJ3T3L2", "A1BRTD4JD"):
        assert secret not in said
    assert made[2].name == "json://hooks.example.org"
    assert made[1].name.startswith("slack://(")
    changed = channels(mail.url("one@example.org", password="other"), f"json://u:other@hooks.example.org/{TOKEN}")
    assert [channel.hash for channel in changed] == [made[0].hash, made[2].hash]


def test_two_webhooks_of_a_host_are_two_channels() -> None:
    """URLs that differ in path or parameters are different channels; those that differ in how to send are one."""
    place = "json://hooks.example.org"
    made = channels(f"{place}/a", f"{place}/b", f"{place}/a?-team=x", f"{place}/a/?rto=9", f"{place}/a?+X-Key=1")
    assert len({channel.hash for channel in made}) == len(made) == 3


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"nonsense://host/{TOKEN}", "nonsense"),
        (f"slack://{TOKEN}", "slack"),
        (TOKEN, "unnamed"),
        (f"msteams://{TOKEN}/b/c/d", "msteams"),
        (f"{SLACK}/#second", "2 recipients"),
        ("mailto://", "mailto"),
    ],
)
def test_a_bad_url_is_named_by_position_only(url: str, said: str, caplog) -> None:
    """A URL that cannot be used is named by the setting and its position, and shown nowhere."""
    with caplog.at_level(logging.DEBUG), pytest.raises(ConfigurationError, match=said) as caught:
        channels("json://fine.example.org", url)
    assert "IVIGIL_NOTIFY entry 2" in str(caught.value)
    assert caught.value.hint
    for secret in (TOKEN, "TIiajkdnlazkcOXrIdevi7FQ"):
        assert secret not in str(caught.value) + str(caught.value.hint) + caplog.text


def test_teams_is_pointed_to_workflows() -> None:
    """The retired Teams URL is answered with the form that works."""
    with pytest.raises(ConfigurationError) as caught:
        channels("msteams://a/b/c/d")
    assert "workflows://" in str(caught.value.hint)


@pytest.mark.parametrize("answer", [500, 429, 301, 404])
def test_a_refusing_webhook_is_a_failure(web, answer: int) -> None:
    """Any answer but a success is a failure whose reason names the status."""
    web.answer = answer
    (channel,) = channels(web.url())
    with pytest.raises(AlertError, match=str(answer) if answer != 301 else "."):
        channel.send(MESSAGE)


def test_a_hanging_webhook_is_a_failure(web) -> None:
    """A webhook that takes the request and never answers fails in time."""
    web.answer = None
    (channel,) = channels(web.url("?rto=0.2"))
    with pytest.raises(AlertError):
        channel.send(MESSAGE)


def test_a_dripping_webhook_is_a_failure(web) -> None:
    """An answer that never ends is given up when the whole time is spent, however often a byte arrives."""
    web.answer = None
    (channel,) = channels(web.url("?rto=20"), seconds=0.2)
    with pytest.raises(AlertError, match=r"within 0\.2 seconds"):
        channel.send(MESSAGE)


def test_a_url_cannot_declare_its_failures_unimportant(web) -> None:
    """Options by which Apprise would report success, or retry by itself, have no effect."""
    web.answer = 500
    (channel,) = channels(web.url("?optional=yes&retry=3&wait=0"))
    with pytest.raises(AlertError):
        channel.send(MESSAGE)
    assert web.tried == 1


@pytest.mark.parametrize(
    ("answer", "said"), [("550 no such mailbox", "550 no such mailbox"), ("451 try later", "451 try later")]
)
def test_a_refusing_mail_server_is_a_failure(mail, answer: str, said: str) -> None:
    """What the mail server says against a message is the reason of the failure."""
    mail.answer = answer
    (channel,) = channels(mail.url("one@example.org"))
    with pytest.raises(AlertError, match=said):
        channel.send(MESSAGE)


def test_an_absent_server_is_a_failure() -> None:
    """A server that cannot be reached is a failure, for mail and for webhooks."""
    for url in (
        f"mailto://u:{PASSWORD}@127.0.0.1:1/a@example.org?from=b@example.org&mode=insecure",
        "json://127.0.0.1:1",
    ):
        (channel,) = channels(url)
        with pytest.raises(AlertError) as caught:
            channel.send(MESSAGE)
        assert PASSWORD not in str(caught.value)


def test_nothing_that_is_logged_or_raised_holds_a_secret(web, caplog) -> None:
    """Sending with every logger at its most talkative shows no token of the URL, whether it works or fails."""
    (channel,) = channels(web.url(f"?+Authorization=Bearer%20{PASSWORD}&-key={TOKEN}key"))
    with caplog.at_level(logging.DEBUG):
        channel.send(MESSAGE)
        web.answer = 500
        with pytest.raises(AlertError) as caught:
            channel.send(MESSAGE)
    assert "connectionpool" in {record.name.rpartition(".")[2] for record in caplog.records}
    for secret in (TOKEN, PASSWORD):
        assert secret not in caplog.text + str(caught.value)
    assert caught.value.__cause__ is None


def test_a_password_the_server_repeats_is_not_passed_on(mail) -> None:
    """A mail server that repeats the password in its refusal does not get it into the reason."""
    mail.answer = f"554 {PASSWORD} is a bad password"
    url = mail.url("one@example.org").get_secret_value().replace("mailto://", f"mailto://:{PASSWORD}@")
    (channel,) = channels(url)
    with pytest.raises(AlertError, match="REDACTED") as caught:
        channel.send(MESSAGE)
    assert PASSWORD not in str(caught.value)


def test_an_interrupt_is_not_a_failure(web) -> None:
    """What is no error of the channel (a stop from outside) passes through and is not written down as a failed try."""
    (channel,) = channels(web.url())
    with patch.object(type(channel), "_send", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        channel.send(MESSAGE)


def test_an_action_link_reaches_every_form(mail, web) -> None:
    """Links to decide by stand in the text, the HTML, the chat form and the document."""
    link = Link(label="Include", url="https://review.example.org/d/abc")
    message = render(content(actions=(link,)), message_id="c3" * 16, raised_at=START)
    assert all(link.url in form for form in (message.text, message.html, message.chat_text, message.chat_html))
    assert message.document["actions"] == [{"label": "Include", "url": link.url}]


def test_mails_of_one_study_stand_together(mail) -> None:
    """A later mail refers to the first of its study on this channel, names the list it is of, and tracks nobody."""
    (channel,) = channels(mail.url("one@example.org"))
    channel.send(MESSAGE)
    channel.send(render(content(replies_to=MESSAGE.id), message_id="b2" * 16, raised_at=START))
    first, second = mail.received
    assert second["References"] == second["In-Reply-To"] == first["Message-ID"] != second["Message-ID"]
    assert first["References"] is None
    assert first["List-Id"] == "<ivig-ssc.ivigil.example.org>"
    for received in (first, second):
        assert not {"Disposition-Notification-To", "Return-Receipt-To"} & set(received.keys())
