"""A real mail server and a real web server to deliver to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from alert_makers import Clock
from ivigil.alerts import channels_from
from sinks import MailSink, WebSink, mail_sink, web_sink


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def mail() -> Iterator[MailSink]:
    with mail_sink() as sink:
        yield sink


@pytest.fixture
def web() -> Iterator[WebSink]:
    with web_sink() as sink:
        yield sink


@pytest.fixture
def channels(mail: MailSink, web: WebSink) -> list:
    """One mailbox and one webhook."""
    return channels_from([mail.url("one@example.org"), web.url()], seconds=5)
