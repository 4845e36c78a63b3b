"""The update signal: what the new evidence adds, by trigger and by organ system."""

from __future__ import annotations

from datetime import date

from ivigil.protocol import UpdateTriggers
from ivigil.reports.evidence import EvidenceStudy, EvidenceTable, Standing
from ivigil.reports.signal import signal_sentence, update_signal

DAY = date(2026, 6, 1)


def table(*studies):
    return EvidenceTable(title="A review", as_of=DAY, studies=studies)


def study(id_, standing, n, *systems, design="retrospective"):
    return EvidenceStudy(
        study_id=id_, standing=standing, name=f"Study {id_}", design=design, n_treated=n, organ_systems=systems
    )


STUDIES = (
    study(1, Standing.PREVIOUS, 30, "cutaneous"),
    study(2, Standing.PREVIOUS, None, "cutaneous", "respiratory"),
    study(3, Standing.NEW, 40, "respiratory"),
    study(4, Standing.NEW, None, "cutaneous", design="rct"),
    study(5, Standing.POSSIBLE, 9, "cutaneous"),
)


def test_a_trigger_is_met_only_by_what_was_settled_in_advance():
    """Studies, share of patients and a randomised trial each speak for themselves; what reads as eligible does not."""
    wanted = UpdateTriggers(new_studies=3, new_patients_share=0.15, new_randomised_trial=True)
    signal = update_signal(table(*STUDIES), 266, wanted)
    assert [(trigger.name, trigger.met) for trigger in signal.triggers] == [
        ("New studies", False),
        ("New patients", True),
        ("New randomised trial", True),
    ]
    assert (signal.new_studies, signal.new_patients, signal.possible_studies, signal.possible_patients) == (2, 40, 1, 9)
    said = signal_sentence(signal)
    assert "2 new studies add 40 patients to the 266 of the previous version (15%)" in said
    assert "An update is due: new patients, new randomised trial." in said
    assert "1 undecided study reads as eligible, with 9 patients." in said


def test_gains_are_told_by_organ_system():
    """Each system shows studies and patients before and since; a number nobody read counts for nothing."""
    systems = {row.system: row for row in update_signal(table(*STUDIES), 266, UpdateTriggers()).systems}
    assert (systems["cutaneous"].studies_before, systems["cutaneous"].patients_before) == (2, 30)
    assert (systems["respiratory"].new_studies, systems["respiratory"].new_patients) == (1, 40)


def test_a_share_of_an_unknown_number_is_no_share():
    """Where the previous version published no number of patients, the trigger on their share says so and is not met."""
    signal = update_signal(table(*STUDIES), None, UpdateTriggers(new_patients_share=0.1, new_randomised_trial=False))
    assert signal.share_added is None
    assert [(trigger.met, trigger.found) for trigger in signal.triggers] == [
        (False, "the previous version's number is not known")
    ]
    assert not signal.due
