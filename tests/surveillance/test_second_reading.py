"""The second reader: asked with the text as data, believed only where its words stand in it, and never depended on."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import delete

from ivigil.eligibility import assess
from ivigil.eligibility.second_reader import disputed, messages, read_answer
from ivigil.errors import ConfigurationError
from ivigil.records import AbstractSection, Record
from ivigil.settings import SecondReader, load_settings
from ivigil.store import assessed, ledger
from ivigil.store.second_readings import readings_of
from ivigil.store.tables import AssessmentRow
from ivigil.surveillance import assessing
from ivigil.surveillance.candidates import show_report
from ivigil.surveillance.context import Context
from ivigil.surveillance.delivering import deliver_due
from ivigil.surveillance.night import OpenNight, assess_step, second_reading_step
from ivigil.surveillance.second_reading import FAILURES, read_again
from library_at_hand import NOW, library_of, paper
from sinks import mail_sink, web_sink
from study_texts import ELIGIBLE

KEY = "sk-second-reader-7f31"
NAMES = ("population", "intervention", "sample_size", "adults", "outcome", "publication_type")
WORDS = "Fourteen adults with diffuse cutaneous systemic sclerosis received intravenous immunoglobulin"


def agreeing(**changed: dict[str, Any]) -> str:
    criteria: dict[str, Any] = {name: {"status": "met", "evidence": WORDS} for name in NAMES}
    return json.dumps({"criteria": criteria | changed, "n_treated": 14})


@dataclass
class Endpoint:
    """A chat endpoint; `answers` gives the status and the body for what it is asked."""

    port: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: Callable[[dict[str, Any]], tuple[int, str]] = lambda _body: (200, completion(agreeing()))


def completion(text: str) -> str:
    usage = {"prompt_tokens": 1000, "completion_tokens": 200, "total_tokens": 1200}
    return json.dumps(
        {"id": "x", "choices": [{"index": 0, "message": {"role": "assistant", "content": text}}], "usage": usage}
    )


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            made.asked.append(body)
            made.headers.append(dict(self.headers))
            status, answer = made.answers(body) if self.path == "/v1/chat/completions" else (404, "")
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer.encode())))
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def review(tmp_path: Path, endpoint: Endpoint) -> Iterator[Context]:
    """A review of one study that the rules read as eligible, with a second reader set."""
    reader = SecondReader(
        base_url=f"http://127.0.0.1:{endpoint.port}/v1",
        model="local-reader",
        api_key=SecretStr(KEY),
        input_price=1.0,
        output_price=5.0,
    )
    record = paper(1, title="IVIG in systemic sclerosis: an open-label study", abstract=ELIGIBLE)
    with library_of(tmp_path, [record]) as context:
        yield replace(context, settings=context.settings.model_copy(update={"second_reader": reader}))


def night(context: Context) -> OpenNight:
    with context.store.transaction() as session:
        run_id = ledger.open_run(session, "night", as_of=NOW, now=NOW)
    return OpenNight(run_id=run_id, kind="night", sources=(), lease=None)


def reading(context: Context) -> dict[str, Any]:
    with context.store.transaction() as session:
        return assessed.assessments_under(session, context.criteria_hash)[1].reading


def test_what_is_asked_is_data_and_a_task(review: Context, endpoint: Endpoint) -> None:
    """The endpoint is asked in OpenAI's form, for JSON, with the text inside a JSON object and the key in a header."""
    assert read_again(review).read == 1
    (asked,) = endpoint.asked
    assert (asked["model"], asked["temperature"], asked["response_format"]) == (
        "local-reader",
        0,
        {"type": "json_object"},
    )
    system, user = asked["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    body = json.loads(user["content"])
    assert body["document"]["abstract"] == ELIGIBLE
    assert set(body["review"]["criteria"]) == set(NAMES)
    assert endpoint.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_a_reading_is_kept_with_its_cost_and_shown_beside_the_rules(
    review: Context, endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    """Prompt, model, tokens and cost are stored and logged, the reading stands beside the rules', once."""
    with caplog.at_level("INFO"):
        found = read_again(review)
    (line,) = [line for line in caplog.records if line.message == "second reading"]
    assert (line.report, line.model, line.input_tokens, line.output_tokens) == (1, "local-reader", 1000, 200)
    assert line.cost == pytest.approx(0.002)
    assert (found.read, found.disputed, found.cost) == (1, 0, pytest.approx(0.002))
    with review.store.transaction() as session:
        (row,) = readings_of(session, 1)
        assert (row.model, row.verdict, row.input_tokens, row.output_tokens) == ("local-reader", "eligible", 1000, 200)
        assert row.prompt == endpoint.asked[0]["messages"]
        assert row.cost == pytest.approx(0.002)
        assert row.error is None
    beside = show_report(review, 1)["assessments"][0]
    assert beside["second_reading"]["agrees"]
    assert beside["second_reading"]["criteria"]["population"] == {"status": "met", "evidence": WORDS}
    assert beside["verdict"] == "eligible"
    assert read_again(review).read == 0
    assert len(endpoint.asked) == 1


def test_a_dispute_needs_the_full_text(review: Context, endpoint: Endpoint) -> None:
    """Where the second reader excludes what the rules include, the report needs its full text, and both are kept."""
    against = {"status": "not_met", "evidence": "received intravenous immunoglobulin 2 g/kg monthly"}
    endpoint.answers = lambda _body: (200, completion(agreeing(sample_size=against)))
    assert read_again(review).disputed == 1
    said = reading(review)
    assert (said["verdict"], said["rules_verdict"], said["second_reading"]["verdict"]) == (
        "needs_full_text",
        "eligible",
        "ineligible",
    )
    assert "a person has to look" in said["reasons"][-1]
    with review.store.transaction() as session:
        assert assessed.assessments_under(session, review.criteria_hash)[1].verdict == "needs_full_text"


@pytest.mark.parametrize("month", ["monthly", "each month"], ids=["read as before", "read otherwise"])
def test_a_dispute_outlives_the_reader(review: Context, endpoint: Endpoint, monkeypatch, month: str) -> None:
    """When the rules are read anew, what a second reader has read is set beside them again, and not asked again."""
    against = {"status": "not_met", "evidence": "received intravenous immunoglobulin 2 g/kg monthly"}
    endpoint.answers = lambda _body: (200, completion(agreeing(sample_size=against)))
    with review.store.transaction() as session:
        session.execute(delete(AssessmentRow))
    with monkeypatch.context() as earlier:
        text = AbstractSection(text=ELIGIBLE.replace("monthly", month))
        earlier.setattr(assessing, "reader_with", lambda _close: "an earlier reader")
        earlier.setattr(
            assessing,
            "assess",
            lambda record, criteria, close: assess(record.model_copy(update={"abstract": (text,)}), criteria, close),
        )
        assess_step(review, night(review))
    assert second_reading_step(review, night(review)) == 1
    before = reading(review)
    assert assess_step(review, night(review)) == (0, 0)
    assert second_reading_step(review, night(review)) == 0
    after = reading(review)
    assert len(endpoint.asked) == 1
    for said in (before, after):
        assert (said["verdict"], said["rules_verdict"]) == ("needs_full_text", "eligible")
    assert after["second_reading"] == before["second_reading"]
    assert after["reasons"][-1] == before["reasons"][-1]
    with review.store.transaction() as session:
        assert len(assessed.earlier_readings_of(session, 1)) == (after != before) == (month != "monthly")


def test_a_dispute_is_told_with_both_readings(review: Context, endpoint: Endpoint) -> None:
    """A night in which the two differ tells the team that the full text is needed, and shows what each has read."""
    against = {"status": "not_met", "evidence": "received intravenous immunoglobulin 2 g/kg monthly"}
    endpoint.answers = lambda _body: (200, completion(agreeing(sample_size=against)))
    with mail_sink() as mail, web_sink() as web:
        channels = {"notify": (mail.url("ada@example.org"), web.url())}
        told = replace(review, settings=review.settings.model_copy(update=channels))
        assert assess_step(told, night(told)) == (0, 0)
        assert second_reading_step(told, night(told)) == 1
        assert second_reading_step(told, night(told)) == 0
        deliver_due(told)
    (body,), (letter,) = web.received, mail.received
    assert body["alert"]["kind"] == "study_needs_full_text"
    study = body["alert"]["study"]
    assert {item["name"]: item["status"] for item in study["criteria"]}["sample_size"] == "met"
    assert study["second_reading"]["agrees"] is False
    assert {item["name"]: item["status"] for item in study["second_reading"]["criteria"]}["sample_size"] == "not_met"
    for form in ("plain", "html"):
        shown = letter.get_body((form,)).get_content()
        assert "does not agree with the rules" in " ".join(shown.split())
        assert "local-reader" in shown
        assert KEY not in shown


def test_an_inclusion_by_the_second_reader_alone_needs_a_person(tmp_path: Path, endpoint: Endpoint) -> None:
    """Where the second reader includes what the rules exclude and the screener thinks likely, a person has to look."""
    reader = SecondReader(base_url=f"http://127.0.0.1:{endpoint.port}/v1", model="m")
    words = ELIGIBLE.replace("Fourteen", "Three")
    endpoint.answers = lambda _body: (200, completion(agreeing().replace("Fourteen", "Three").replace("14", "3")))
    with library_of(tmp_path, [paper(1, title="IVIG in SSc: three cases", abstract=words)]) as context:
        assert reading(context)["verdict"] == "ineligible"
        told = replace(context, settings=context.settings.model_copy(update={"second_reader": reader}))
        assert read_again(told).disputed == 1
        said = reading(told)
        assert (said["verdict"], said["rules_verdict"]) == ("needs_full_text", "ineligible")


def test_words_that_are_not_in_the_text_are_not_believed(review: Context, endpoint: Endpoint) -> None:
    """A status whose evidence the text does not hold counts as unclear, whatever the model said."""
    invented = {"status": "not_met", "evidence": "None of the patients had systemic sclerosis."}
    endpoint.answers = lambda _body: (200, completion(agreeing(population=invented)))
    assert read_again(review).disputed == 0
    second = reading(review)["second_reading"]
    assert second["criteria"]["population"] == {"status": "unclear", "evidence": None}
    assert second["discarded"] == ["population"]
    assert second["verdict"] == "needs_full_text"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("I cannot help with that.", "not what was asked for"),
        ("{}", "criteria"),
        (agreeing(mood={"status": "met", "evidence": None}), "mood"),
        (json.dumps({"criteria": {}, "n_treated": None}), "names"),
        (json.dumps({"criteria": {"population": {"status": "perhaps"}}}), "status"),
    ],
)
def test_an_answer_that_is_none_is_kept_and_counts_for_nothing(review, endpoint, text: str, why: str) -> None:
    """What is not the JSON that was asked for is stored with why, is asked no second time, and changes no verdict."""
    endpoint.answers = lambda _body: (200, completion(text))
    assert read_again(review).read == 1
    with review.store.transaction() as session:
        (row,) = readings_of(session, 1)
    assert row.verdict is None
    assert why in str(row.error)
    assert "second_reading" not in reading(review)
    assert read_again(review).read == 0


@pytest.mark.parametrize(
    "answer", [(500, "overloaded"), (429, ""), (401, f"wrong key {KEY}"), (200, "<html>"), (200, "{}")]
)
def test_a_reader_that_fails_leaves_the_night_whole(review, endpoint, caplog, answer: tuple[int, str]) -> None:
    """An endpoint that refuses or garbles stores nothing, shows no key, and the alert goes out on the rules' word."""
    endpoint.answers = lambda _body: answer
    with caplog.at_level("INFO"):
        assert assess_step(review, night(review)) == (0, 0), "alerts wait for the second reader"
        assert second_reading_step(review, night(review)) == 1
    assert "no second reading" in caplog.text
    assert KEY not in caplog.text
    with review.store.transaction() as session:
        assert readings_of(session, 1) == []
    endpoint.answers = lambda _body: (200, completion(agreeing()))
    assert read_again(review).read == 1, "it is asked again the next night"


def test_a_reader_that_is_away_is_left_alone(tmp_path: Path, endpoint: Endpoint) -> None:
    """After three failures in a row no more is asked that night."""
    endpoint.answers = lambda _body: (503, "")
    reader = SecondReader(base_url=f"http://127.0.0.1:{endpoint.port}/v1", model="m")
    papers = [paper(number, title=f"IVIG in SSc, series {number}", abstract=ELIGIBLE) for number in range(1, 7)]
    with library_of(tmp_path, papers) as context:
        away = replace(context, settings=context.settings.model_copy(update={"second_reader": reader}))
        assert read_again(away).failed == FAILURES
        assert len(endpoint.asked) == FAILURES
        assert read_again(context).read == 0, "off by default"


def test_it_is_set_by_file_or_environment(tmp_path: Path) -> None:
    """The table or its variables turn it on; a table without a model is an error that names it."""
    assert load_settings(tmp_path, {}).second_reader is None
    environment = {"IVIGIL_SECOND_READER_BASE_URL": "http://localhost:11434/v1/", "IVIGIL_SECOND_READER_MODEL": "small"}
    reader = load_settings(tmp_path, environment).second_reader
    assert reader is not None
    assert (reader.base_url, reader.model) == ("http://localhost:11434/v1", "small")
    (tmp_path / "ivigil.toml").write_text('[second_reader]\nbase_url = "http://localhost:11434/v1"\n')
    with pytest.raises(ConfigurationError, match=r"second_reader\.model"):
        load_settings(tmp_path, {})


RULES = {"verdict": "eligible", "criteria": {name: {"status": "met", "evidence": "x"} for name in (*NAMES, "date")}}


@given(st.text(max_size=200), st.text(max_size=60))
def test_no_evidence_is_believed_that_the_text_does_not_hold(abstract: str, evidence: str) -> None:
    """Whatever text and answer, each status that is believed has words of the text, and others are unclear."""
    record = Record(source="x", source_id="1", title="T", abstract=(AbstractSection(text=abstract),))
    answer = json.dumps({"criteria": {name: {"status": "not_met", "evidence": evidence} for name in NAMES}})
    found = read_answer(answer, record, RULES)
    held = " ".join(f"{record.title}\n{record.abstract_text}".split())
    for item in found["criteria"].values():
        assert item["status"] == "unclear" or (item["evidence"] and item["evidence"] in held)


@given(st.text(), st.text())
def test_a_document_cannot_leave_its_place(title: str, abstract: str) -> None:
    """Whatever a document holds, it stays one string of one JSON object, and the task stays what it was."""
    record = Record(source="x", source_id="1", title=title, abstract=(AbstractSection(text=abstract),))
    system, user = messages(record, list(NAMES), "task", 5)
    body = json.loads(user["content"])
    assert body["document"] == {"title": title, "abstract": record.abstract_text}
    assert body["review"]["question"] == "task"
    assert system == messages(Record(source="x", source_id="1"), [], "", None)[0]


def test_what_is_a_dispute() -> None:
    """Only include against exclude is one, in either direction."""
    assert disputed("eligible", "ineligible")
    assert disputed("ineligible", "eligible")
    assert not disputed("eligible", "needs_full_text")
    assert not disputed("needs_full_text", "ineligible")
