"""Four weeks of whole nights in which a step beside the searches fails each night: nothing is lost for it either."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import delete, select

from ivigil.protocol import Protocol
from ivigil.settings import Settings, SourceSettings
from ivigil.simulator import Simulator
from ivigil.store import ledger, open_store
from ivigil.store.ledger_tables import LeaseRow
from ivigil.store.tables import RecordRow
from ivigil.surveillance import inbox
from ivigil.surveillance.context import Context
from ivigil.surveillance.night import NightSummary, run_night
from review_at_work import Killed, at

pytestmark = pytest.mark.slow
FIRST = date(2024, 10, 14)
DAYS = [FIRST + timedelta(days=day) for day in (*range(0, 27, 3), 34)]
"""Ten nights; before the last a week goes by, in which every chase falls due once more."""
SEARCHED = {
    "pubmed": '"systemic sclerosis"[tiab] AND IVIG[tiab]',
    "europepmc": 'TITLE_ABS:"systemic sclerosis" AND TITLE_ABS:IVIG',
}
BESIDE = ("openalex", "crossref", "clinicaltrials")
"""Sources that are not searched here, but asked for citations, reference lists, thin records and trials."""
KILLED, HALF = "inbox:killed", "inbox:half"
"""The night is killed between storing a file and moving it; a file is still being copied when the night begins."""
FAULTS = (
    "openalex:503*", "crossref:cut*", "openalex:html*", "europepmc.citations:503*", KILLED, "clinicaltrials:drop*",
    "pubmed.efetch:503*", HALF, "crossref:429(retry=7200)*", "",
)  # fmt: skip
"""One source a night, at what it is asked beside the searches; the last night is a whole one."""
EXPORT = """TY  - JOUR
TI  - Immunoglobulin infusions in a cohort that no search finds, part {number}
AU  - Rivera, A.
PY  - 2024
DO  - 10.5555/inbox.{number}
ER  -
"""


@pytest.fixture
def review(protocol):
    """The shipped review with short strategies, its search closed a few days before the first night."""
    closed = protocol.review.model_copy(update={"cutoff": FIRST - timedelta(days=120)})
    return protocol.model_copy(update={"review": closed, "strategies": SEARCHED})


@pytest.fixture
def settings(tmp_path, simulator):
    def at_home(name: str) -> Settings:
        sources = (*SEARCHED, *BESIDE)
        return Settings(
            home=tmp_path / name,
            sources=sources,
            contact_email="team@example.org",
            embedding_model="none",
            source={
                one: SourceSettings(base_url=simulator.base_url(one), api_key=SecretStr(f"secret-{one}-4711"))
                for one in sources
            },
        )

    yield at_home
    simulator.set_faults("")


def drop(home: Path, number: int) -> Path:
    file = home / inbox.INBOX / f"embase-{number}.ris"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(EXPORT.format(number=number), encoding="utf-8")
    return file


def nights(
    settings: Settings, review: Protocol, simulator: Simulator, faults: Sequence[str]
) -> Iterator[NightSummary | None]:
    """Run every night with its fault, an export file in the inbox of each; what it did, None where it was killed."""
    for number, (day, fault) in enumerate(zip(DAYS, faults, strict=True)):
        simulator.set_faults("" if fault in (KILLED, HALF) else fault)
        file = drop(settings.home, number)
        copying = file.rename(file.with_suffix(".ris.part")) if fault == HALF else None
        with at(settings, review, simulator, day) as context:
            yield killed_at_import(context) if fault == KILLED else run_night(context)
        if copying is not None:
            copying.rename(file)


def killed_at_import(context: Context) -> None:
    with pytest.MonkeyPatch.context() as patch, pytest.raises(Killed):
        patch.setattr(inbox, "_move", die)
        run_night(context)
    with context.store.transaction() as session:  # its process is gone, so its lease would be taken over
        session.execute(delete(LeaseRow))


def die(*_: object) -> None:
    raise Killed


def held(settings: Settings) -> dict[str, str]:
    store = open_store(settings.database)
    with store.reading() as session:
        found = {f"{row.source}:{row.source_id}": row.content_hash for row in session.scalars(select(RecordRow))}
    store.close()
    return found


def complaints(night: NightSummary) -> str:
    """What a night says went wrong."""
    return " ".join([night.why or "", *night.notes, *(error for step in night.steps.values() for error in step.errors)])


def test_a_fault_beside_the_searches_loses_nothing(settings, review, simulator) -> None:
    """Each night something fails at citations, references, thin records, the watch or the inbox; nothing is lost."""
    whole, struck = settings("whole"), settings("struck")
    assert {night.status for night in nights(whole, review, simulator, [""] * len(DAYS)) if night} == {ledger.COMPLETE}
    told = list(nights(struck, review, simulator, FAULTS))
    for fault, night in zip(FAULTS, told, strict=True):
        assert (night is None) == (fault == KILLED)
        if night is not None and fault != HALF:
            assert fault.partition(":")[0].partition(".")[0] in complaints(night), fault
    found = held(whole)
    assert held(struck) == found
    sources = Counter(name.partition(":")[0] for name in found)
    assert set(sources) == {*SEARCHED, *BESIDE, "embase"}
    assert sources["embase"] == len(DAYS)
