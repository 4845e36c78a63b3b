"""The command line as the outside relies on it: keys, exit codes, messages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ivigil.cli import main
from ivigil.simulator import Simulator
from ivigil.sources.clock import SystemClock
from library_at_hand import library_of, paper
from review_at_work import SOURCES, simulator
from study_texts import ELIGIBLE, UNSURE

__all__ = ["simulator"]

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ivigil(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Call the command as a shell would: exit code, standard output, standard error."""

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["ivigil", *words])
        code = 0
        try:
            main()
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, simulator: Simulator) -> Iterator[Path]:
    """A home folder whose sources are the simulator's, seen on the review's last day."""
    monkeypatch.setenv("IVIGIL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("IVIGIL_CONTACT_EMAIL", "team@example.org")
    for source in SOURCES:
        monkeypatch.setenv(f"IVIGIL_{source.upper()}_BASE_URL", simulator.base_url(source))
    simulator.today = date(2024, 4, 15)
    yield tmp_path / "home"
    simulator.set_faults("")


def night(ivigil: Run, simulator: Simulator, day: str, *words: str) -> tuple[int, dict[str, Any]]:
    simulator.today = date.fromisoformat(day)
    code, out, _ = ivigil("run", "--json", "--as-of", day, *words)
    return code, json.loads(out)


def test_a_review_from_bootstrap_to_decision(ivigil: Run, home: Path, simulator: Simulator, tmp_path: Path) -> None:
    """Bootstrap, run, candidates, show, decide, status, export and import speak the documented JSON."""
    labels = tmp_path / "screening.csv"
    labels.write_text(simulator.labels().to_csv(), encoding="utf-8")
    code, out, _ = ivigil("bootstrap", "--labels", str(labels), "--as-of", "2024-04-15", "--json")
    begun = json.loads(out)
    assert code == 0
    assert begun.keys() >= {"searches", "records", "reports", "labels", "screener"}
    assert begun["labels"] == {"included": 12, "excluded": 406, "basis": "screening-export"}
    assert begun["reports"] == 418

    code, ran = night(ivigil, simulator, "2024-09-20")
    assert code == 0
    assert ran.keys() >= {
        "run_id", "status", "window", "searches", "new_records", "new_reports", "eligible", "alerts", "canaries",
    }  # fmt: skip
    assert ran["canaries"].keys() >= {"expected", "found", "lost"}
    assert all(
        search.keys() >= {"source", "query_hash", "reported", "fetched", "complete", "error"}
        for search in ran["searches"]
    )

    code, out, _ = ivigil("candidates", "--json")
    listed = json.loads(out)
    assert code == 0
    assert [item["rank"] for item in listed] == list(range(1, len(listed) + 1))
    assert [item["score"] for item in listed] == sorted((item["score"] for item in listed), reverse=True)
    best = listed[0]
    assert best.keys() >= {
        "rank", "report_id", "title", "year", "ids", "score", "verdict", "reasons", "criteria", "sources",
        "abstract_missing",
    }  # fmt: skip
    report = str(best["report_id"])

    _, out, _ = ivigil("candidates", "--format", "csv", "--top", "3")
    assert len(out.splitlines()) >= 4
    _, out, _ = ivigil("candidates", "--format", "ris", "--top", "2")
    assert out.count("TY  - ") == 2
    _, out, _ = ivigil("candidates", "--top", "5")
    assert "included studies" in out

    _, out, _ = ivigil("show", report, "--json")
    assert json.loads(out)["report_id"] == best["report_id"]

    code, out, _ = ivigil("decide", report, "include", "--reviewer", "first", "--json")
    assert code == 0
    assert json.loads(out)["decision_id"] == 1
    _, out, _ = ivigil("candidates", "--json")
    assert best["report_id"] not in {item["report_id"] for item in json.loads(out)}

    code, out, _ = ivigil("status", "--as-of", "2024-09-21", "--json")
    standing = json.loads(out)
    assert code == 0
    assert standing.keys() >= {"runs", "sources", "canaries", "screener", "guarantee", "healthy"}
    code, _, _ = ivigil("status", "--as-of", "2024-10-21", "--json")
    assert code == 1

    exported = tmp_path / "library.csv"
    _, out, _ = ivigil("export", str(exported), "--json")
    assert json.loads(out)["count"] == 418 + len(listed)
    _, out, _ = ivigil("alerts", "--json")
    assert {alert["kind"] for alert in json.loads(out)} >= {"study_eligible"}

    code, out, _ = ivigil("import", str(exported), "--json", "--home", str(tmp_path / "other"))
    taken = json.loads(out)
    assert code == 0
    assert taken.keys() >= {"format", "records", "reports", "labels", "rejected"}
    assert taken["records"] + len(taken["rejected"]) == 418 + len(listed)


def test_a_partial_night_leaves_with_three(
    ivigil: Run, home: Path, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that stays incomplete makes `run` exit 3, and status says why."""
    monkeypatch.setattr(SystemClock, "sleep", lambda *_: None)  # between its attempts
    simulator.set_faults("europepmc:error200*")
    code, ran = night(ivigil, simulator, "2024-05-10")
    assert (code, ran["status"]) == (3, "partial")
    _, out, _ = ivigil("status", "--json", "--as-of", "2024-05-10")
    assert any("europepmc" in problem for problem in json.loads(out)["problems"])


def test_a_held_lease_leaves_with_four(ivigil: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another run is at work, `run` does nothing and exits 4."""
    from ivigil.surveillance.context import open_context
    from ivigil.surveillance.lease import leased

    with open_context() as context, leased(context.store, context.clock):
        code, _, err = ivigil("run")
    assert code == 4
    assert "another run" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("decide", "1", "perhaps", "--reviewer", "x"), "perhaps"),
        (("run", "--as-of", "yesterday"), "yesterday"),
        (("run", "--source", "nonesuch"), "nonesuch"),
        (("candidates", "--format", "pdf"), "pdf"),
        (("protocol", "check", "nonesuch"), "nonesuch"),
        (("assess", "nonesuch.ris"), "nonesuch.ris"),
        (("simulate", "--faults", "pubmed:nonsense"), "nonsense"),
        (("run", "--nonsense"), "nonsense"),
    ],
)
def test_bad_input_leaves_with_two_and_is_named(ivigil: Run, home: Path, words: tuple[str, ...], said: str) -> None:
    """Wrong usage or bad input exits 2 and repeats what was wrong."""
    code, out, err = ivigil(*words)
    assert code == 2
    assert said in err
    assert out == ""


def test_an_absent_report_leaves_with_one(ivigil: Run, home: Path) -> None:
    """A report that is not held is an error of its own, with a hint."""
    code, _, err = ivigil("show", "999")
    assert code == 1
    assert "no report 999" in err


def test_protocol_new_and_check(ivigil: Run, home: Path, tmp_path: Path) -> None:
    """A new protocol is written once, checked as it is, and not overwritten."""
    file = tmp_path / "mine.toml"
    assert ivigil("protocol", "new", str(file))[0] == 0
    code, out, _ = ivigil("protocol", "check", str(file), "--json")
    assert code == 0
    assert json.loads(out)["name"] == "my-review"
    assert ivigil("protocol", "new", str(file))[0] == 2


def test_files_are_assessed_ranked_and_linked_without_a_store(ivigil: Run, home: Path, tmp_path: Path) -> None:
    """`assess`, `rank` and `link` read files and create no database."""
    pool = tmp_path / "pool.jsonl"
    rows = [
        {
            "key": f"k{number}",
            "title": f"Intravenous immunoglobulin in {name}: a cohort of {number + 4} adults",
            "abstract": f"We treated {number + 4} adults with {name} with IVIG. The skin score improved.",
            "year": 2020,
            "language": "eng",
            "pub_types": ["Journal Article"],
            "label": label,
            "doi": f"10.5555/{min(number, 5)}",
        }
        for number, (name, label) in enumerate(
            [("systemic sclerosis", 1), ("systemic sclerosis", 1), ("systemic sclerosis", 1), ("lupus", 0)]
            + [("Kawasaki disease", 0)] * 4
        )
    ]
    pool.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    _, out, _ = ivigil("assess", str(pool), "--json")
    assert [item["key"] for item in json.loads(out)] == [row["key"] for row in rows]
    code, out, _ = ivigil("rank", "--labelled", str(pool), "--pool", str(pool), "--json", "--label-column", "label")
    assert code == 0
    assert {item["id"] for item in json.loads(out)[:3]} == {"k0", "k1", "k2"}
    _, out, _ = ivigil("link", str(pool), "--json")
    assert json.loads(out).keys() >= {"records", "clusters", "links"}
    assert not (home / "ivigil.sqlite3").exists()


def test_files_are_assessed_with_how_sure_the_number_is(ivigil: Run, home: Path, tmp_path: Path) -> None:
    """`assess` gives number, chance and words as JSON, and says the words, or that there is no number, in its table."""
    file = tmp_path / "three.jsonl"
    texts = {"sure": ELIGIBLE, "unsure": UNSURE, "none": "We discuss its use in a narrative review."}
    title = "Intravenous immunoglobulin in diffuse systemic sclerosis"
    rows = [json.dumps({"key": key, "title": title, "abstract": text}) for key, text in texts.items()]
    file.write_text("\n".join(rows), encoding="utf-8")
    _, out, _ = ivigil("assess", str(file), "--json")
    sure, unsure, none = json.loads(out)
    assert (sure["n_treated"], sure["treated"]) == (14, "14")
    assert sure["n_treated_chance"] > unsure["n_treated_chance"]
    assert unsure["treated"].startswith(f"perhaps {unsure['n_treated']}, or ")
    assert (none["n_treated"], none["n_treated_chance"], none["treated"]) == (None, None, "")
    _, out, _ = ivigil("assess", str(file))
    told = [line.split("N treated: ")[1] for line in out.splitlines() if "N treated: " in line]
    assert told == ["14", unsure["treated"], "not stated"]


def test_lists_and_reports_mark_an_unsure_number(ivigil: Run, home: Path) -> None:
    """`candidates` puts a question mark behind a number in doubt, and `show` says it in words."""
    title = "Intravenous immunoglobulin in diffuse systemic sclerosis in the {}"
    records = [
        paper(number, title=title.format(("north", "south")[number]), abstract=text)
        for number, text in enumerate((UNSURE, ELIGIBLE))
    ]
    with library_of(home, records):
        pass
    _, out, _ = ivigil("show", "1", "--json")
    reading = json.loads(out)["assessments"][0]
    _, out, _ = ivigil("candidates")
    assert re.search(rf"^1 .* {reading['n_treated']}\? ", out, re.MULTILINE)
    assert re.search(r"^2 .* 14 ", out, re.MULTILINE)
    assert f"N treated: {reading['treated']}\n" in ivigil("show", "1")[1]
    assert "N treated: 14\n" in ivigil("show", "2")[1]


def test_doctor_names_what_is_missing(ivigil: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Doctor checks each part and says what a night would lack."""
    monkeypatch.delenv("IVIGIL_CONTACT_EMAIL")
    code, out, _ = ivigil("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(out)["checks"]}
    assert code == 1
    assert checks["contact e-mail"]["ok"] is False
    assert checks["source pubmed"]["ok"] is True
    assert "418" in checks["source pubmed"]["detail"]


def test_every_command_has_help(ivigil: Run) -> None:
    """Every command explains itself."""
    _, out, _ = ivigil("--help")
    for command in ("demo", "bootstrap", "run", "candidates", "serve", "simulate", "status", "doctor", "protocol"):
        assert command in out
        code, text, _ = ivigil(command, "--help")
        assert code == 0
        assert "Usage" in text
