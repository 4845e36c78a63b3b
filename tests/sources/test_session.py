"""The one way to a source: pace, patience and secrets, with no waiting done."""

from __future__ import annotations

import logging
import random
import traceback
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigil.errors import (
    ConfigurationError,
    MalformedResponse,
    NotEntitled,
    QueryRejected,
    RateLimited,
    SearchContext,
    TransportError,
)
from ivigil.sources.answer import refuse_rejected, retry_after
from ivigil.sources.clock import SystemClock, VirtualClock
from ivigil.sources.limiter import RateLimiter
from ivigil.sources.redact import Redactor
from ivigil.sources.session import Patience, PoliteSession

CONTEXT = SearchContext("pubmed", "abc123")


def body_of(answer):
    refuse_rejected(answer, CONTEXT)
    return answer.body


@pytest.fixture
def channel(session):
    return session.channel("pubmed", rate=3)


def ask(channel, wire, **params):
    return channel.get(f"{wire.url}/x", params, context=CONTEXT, read=body_of)[1]


@given(
    rate=st.sampled_from([1.0, 3.0, 5.0, 10.0]),
    delays=st.lists(st.tuples(st.floats(0, 0.4), st.floats(0, 1)), min_size=2, max_size=60),
)
def test_the_rate_is_never_passed_as_the_server_sees_it(rate, delays):
    """Whatever the network's delays up to the allowed doubt, no second holds more requests than the rate."""
    clock = VirtualClock()
    limiter = RateLimiter(rate, clock)
    arrivals = []
    for latency, share in delays:
        with limiter.turn():
            arrivals.append(clock.monotonic() + min(latency * share, 0.15))  # somewhere between sending and answer
            clock.sleep(latency)
    for first, last in zip(arrivals, arrivals[int(rate) :], strict=False):
        assert last - first >= 1.0 - 1e-9


@given(rate=st.sampled_from([1.0, 2.5, 3.0, 10.0]), latency=st.floats(0, 0.08), number=st.integers(50, 200))
def test_the_pace_stays_close_to_the_rate(rate, latency, number):
    """When requests dominate, a harvest takes at most 1.2 times the requests divided by the allowed rate."""
    clock = VirtualClock()
    limiter = RateLimiter(rate, clock)
    for _ in range(number):
        with limiter.turn():
            clock.sleep(latency)
    allowed = int(rate) if rate >= 1 else rate
    assert clock.monotonic() <= 1.2 * number / allowed


def test_a_rate_below_one_a_second_is_kept():
    """One request in four seconds leaves four seconds between requests."""
    clock = VirtualClock()
    limiter = RateLimiter(0.25, clock)
    for _ in range(3):
        with limiter.turn():
            pass
    assert clock.monotonic() == pytest.approx(8.0)


def test_a_rate_of_nothing_is_refused():
    """A limiter that would never let anything through cannot be made."""
    with pytest.raises(ValueError, match="above zero"):
        RateLimiter(0, VirtualClock())


def test_channels_of_one_source_share_their_limit(session):
    """Two clients of one source together keep its rate."""
    first, second = session.channel("pubmed", rate=3), session.channel("pubmed", rate=3)
    assert first.limiter is second.limiter
    assert first.limiter is not session.channel("europepmc", rate=3).limiter


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("2", 2.0),
        (" 30 ", 30.0),
        ("Mon, 01 Jan 2024 00:01:30 GMT", 90.0),
        ("Mon, 01 Jan 2024 00:01:30 -0000", 90.0),
        ("Sun, 31 Dec 2023 23:00:00 GMT", 0.0),
        ("soon", None),
    ],
)
def test_retry_after_is_read_in_both_forms(header, seconds):
    """Seconds and HTTP dates become seconds from now; what is neither says nothing."""
    assert retry_after(header, datetime(2024, 1, 1, tzinfo=UTC)) == seconds


def test_a_retry_after_date_is_waited_for(wire, channel, clock, fakes):
    """An HTTP date in Retry-After is waited out before the next try."""
    until = format_datetime(datetime(2024, 1, 1, 0, 0, 40, tzinfo=UTC), usegmt=True)
    wire.script = [fakes.Reply(b"", 503, headers={"Retry-After": until}), fakes.Reply(b"done")]
    assert ask(channel, wire) == b"done"
    assert 40 <= clock.slept < 43


def test_a_wait_of_hours_is_not_slept_through(wire, channel, clock, fakes):
    """A Retry-After beyond the limit raises at once, with how long was asked for."""
    wire.script = [fakes.Reply(b"", 429, headers={"Retry-After": "7200"})]
    with pytest.raises(RateLimited) as caught:
        ask(channel, wire)
    assert (caught.value.retry_after, clock.slept, len(wire.asked)) == (7200.0, 0.0, 1)


def test_waits_double_and_patience_ends(wire, channel, clock, fakes):
    """Five tries with doubling waits between them, then the error."""
    wire.serve = lambda asked: fakes.Reply(b"broken", 502, "text/html")
    with pytest.raises(TransportError, match="502: broken"):
        ask(channel, wire)
    assert len(wire.asked) == 5
    assert 1 + 2 + 4 + 8 <= clock.slept <= 1.5 * 15 + 3


def test_an_empty_answer_is_asked_for_again(wire, channel, fakes):
    """A success without a body is no answer."""
    wire.script = [fakes.Reply(b" \n"), fakes.Reply(b"done")]
    assert ask(channel, wire) == b"done"


def test_a_malformed_answer_is_asked_for_once_more(wire, channel, fakes):
    """What a reader cannot read is fetched a second time and no third."""

    def read(answer):
        raise MalformedResponse("cut", context=CONTEXT)

    wire.serve = lambda asked: fakes.Reply(b"half")
    with pytest.raises(MalformedResponse):
        channel.get(f"{wire.url}/x", {}, context=CONTEXT, read=read)
    assert len(wire.asked) == 2


@pytest.mark.parametrize(
    ("status", "error"), [(401, NotEntitled), (403, NotEntitled), (400, QueryRejected), (404, QueryRejected)]
)
def test_a_refusal_is_not_retried(wire, channel, fakes, status, error):
    """A 4xx raises its class at once."""
    wire.serve = lambda asked: fakes.Reply(b"no", status)
    with pytest.raises(error, match=f"{status}: no"):
        ask(channel, wire)
    assert len(wire.asked) == 1


def test_a_post_follows_no_redirect(wire, channel, fakes):
    """A redirected form is an error that names the new place, and is not sent there."""
    wire.serve = lambda asked: fakes.Reply(b"", 302, headers={"Location": f"{wire.url}/elsewhere?a=1"})
    with pytest.raises(MalformedResponse, match=r"redirected to .*/elsewhere"):
        channel.post(f"{wire.url}/x", {"a": "1"}, context=CONTEXT, read=body_of)
    assert {asked.path for asked in wire.asked} == {"/x"}


def test_a_get_with_a_key_follows_no_redirect(wire, session, fakes):
    """A key is never carried to another address."""
    wire.serve = lambda asked: fakes.Reply(b"", 302, headers={"Location": f"{wire.url}/elsewhere"})
    with pytest.raises(MalformedResponse, match="redirected"):
        ask(session.channel("pubmed", rate=3, secrets=["k3y-of-ours"]), wire, api_key="k3y-of-ours")
    assert {asked.path for asked in wire.asked} == {"/x"}


def test_an_address_that_is_none_is_a_configuration_error(session):
    """A base URL without a scheme is the reader's to mend, and says where."""
    with pytest.raises(ConfigurationError, match=r"pubmed\.base_url"):
        session.channel("pubmed", rate=3).get("example.org/x", {}, context=CONTEXT, read=body_of)


def test_errors_carry_their_search(wire, channel, fakes):
    """Every error says source and query hash."""
    wire.serve = lambda asked: fakes.Reply(b"no", 400)
    with pytest.raises(QueryRejected, match=r"^pubmed: ") as caught:
        ask(channel, wire)
    assert caught.value.context.query_hash == "abc123"


def test_a_key_in_an_address_stays_out_of_everything(wire, session, fakes, caplog):
    """A key sent by GET is in no log line of ours or of the HTTP library, no error and no kept answer."""
    caplog.set_level(logging.DEBUG)
    key = "k3y+with/odd=signs&more"
    channel = session.channel("openalex", rate=3, secrets=[key])
    wire.serve = lambda asked: fakes.Reply(f"echo {asked.params['api_key']} {asked.query}".encode())
    answer, _ = channel.get(f"{wire.url}/x", {"api_key": key}, context=CONTEXT, read=body_of)
    wire.serve = lambda asked: fakes.Reply(f"bad {key}".encode(), 500)
    with pytest.raises(TransportError) as caught:
        channel.get(f"{wire.url}/x", {"api_key": key}, context=CONTEXT, read=body_of)
    shown = caplog.text + answer.body.decode() + answer.address + "".join(traceback.format_exception(caught.value))
    assert "GET /x?api_key=REDACTED" in caplog.text
    assert "k3y" not in shown


@given(
    st.text("0123456789/+=&<>'\"%- é", min_size=1, max_size=30),  # none of the replacement's own letters
    st.text(max_size=30),
    st.text(max_size=30),
)
def test_a_redacted_text_never_holds_the_secret(secret, before, after):
    """Wherever a secret stands, in text or in bytes, it is gone afterwards."""
    redactor = Redactor([secret])
    assert secret not in redactor.text(before + secret + after)
    assert secret.encode() not in redactor.data((before + secret + after).encode("utf-8", "replace"))


def test_nothing_is_redacted_without_secrets():
    """A session without keys leaves answers byte for byte."""
    assert not Redactor(["", ""]).holds_secrets
    assert Redactor([]).data(b"\xff\x00 as is") == b"\xff\x00 as is"


def test_the_user_agent_names_a_contact():
    """Sources see who asks and where to write."""
    with PoliteSession(contact="librarian@example.org") as session:
        assert session.user_agent.startswith("ivigil/")
        assert "mailto:librarian@example.org" in session.user_agent
        assert isinstance(session.clock, SystemClock)


def test_patience_can_be_set(wire, fakes):
    """A caller in a hurry may ask once."""
    wire.serve = lambda asked: fakes.Reply(b"", 500)
    with PoliteSession(clock=VirtualClock(), rng=random.Random(1), patience=Patience(attempts=1)) as session:
        channel = session.channel("pubmed", rate=3)
        with pytest.raises(TransportError):
            ask(channel, wire)
    assert len(wire.asked) == 1
