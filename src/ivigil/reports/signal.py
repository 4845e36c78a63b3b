"""The update signal: how much the new evidence adds, and whether the published review should be updated."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from pydantic import Field

from ivigil.protocol import UpdateTriggers
from ivigil.records import Value
from ivigil.reports.evidence import EvidenceStudy, EvidenceTable, Standing


class SystemGain(Value):
    """What the new evidence adds on one organ system."""

    system: str
    studies_before: int
    patients_before: int
    new_studies: int
    new_patients: int


class Trigger(Value):
    """One condition settled in advance under which the review should be updated."""

    name: str
    wanted: str
    found: str
    met: bool


class UpdateSignal(Value):
    """How much the new evidence adds, and whether a trigger that was settled in advance is met."""

    patients_before: int | None
    new_studies: int
    new_patients: int
    share_added: float | None = Field(description="new patients over those of the previous version")
    possible_studies: int
    possible_patients: int
    systems: tuple[SystemGain, ...]
    triggers: tuple[Trigger, ...]

    @property
    def due(self) -> bool:
        """Whether any trigger is met."""
        return any(trigger.met for trigger in self.triggers)


def update_signal(table: EvidenceTable, patients_before: int | None, triggers: UpdateTriggers) -> UpdateSignal:
    """Weigh the new studies against the previous version.

    Args:
        table: the evidence table.
        patients_before: as the previous version published; None where it did not.
        triggers: settled in advance, in the protocol.
    """
    old, new, possible = (table.of(standing) for standing in Standing)
    added = _patients(new)
    share = added / patients_before if patients_before else None
    return UpdateSignal(
        patients_before=patients_before,
        new_studies=len(new),
        new_patients=added,
        share_added=share,
        possible_studies=len(possible),
        possible_patients=_patients(possible),
        systems=_systems(old, new),
        triggers=_triggers(new, share, triggers),
    )


def _systems(old: Sequence[EvidenceStudy], new: Sequence[EvidenceStudy]) -> tuple[SystemGain, ...]:
    names = Counter(system for study in (*old, *new) for system in study.organ_systems)
    return tuple(
        SystemGain(
            system=name,
            studies_before=len(before := [study for study in old if name in study.organ_systems]),
            patients_before=_patients(before),
            new_studies=len(since := [study for study in new if name in study.organ_systems]),
            new_patients=_patients(since),
        )
        for name, _count in sorted(names.items(), key=lambda item: (-item[1], item[0]))
    )


def _triggers(new: Sequence[EvidenceStudy], share: float | None, wanted: UpdateTriggers) -> tuple[Trigger, ...]:
    found = []
    if wanted.new_studies is not None:
        found.append(
            Trigger(
                name="New studies",
                wanted=f"at least {wanted.new_studies}",
                found=str(len(new)),
                met=len(new) >= wanted.new_studies,
            )
        )
    if wanted.new_patients_share is not None:
        found.append(
            Trigger(
                name="New patients",
                wanted=f"at least {wanted.new_patients_share:.0%} of those of the previous version",
                found="the previous version's number is not known" if share is None else f"{share:.0%}",
                met=share is not None and share >= wanted.new_patients_share,
            )
        )
    if wanted.new_randomised_trial:
        trials = sum(study.design == "rct" for study in new)
        found.append(Trigger(name="New randomised trial", wanted="any", found=str(trials), met=trials > 0))
    return tuple(found)


def _patients(studies: Sequence[EvidenceStudy]) -> int:
    return sum(study.n_treated or 0 for study in studies)


def signal_sentence(signal: UpdateSignal) -> str:
    """The signal in one or two sentences."""
    before = "" if signal.patients_before is None else f" to the {signal.patients_before} of the previous version"
    share = "" if signal.share_added is None else f" ({signal.share_added:.0%})"
    said = f"{_many(signal.new_studies, 'new study', 'new studies')} add {_many(signal.new_patients, 'patient')}"
    said += f"{before}{share}. "
    met = [trigger.name.lower() for trigger in signal.triggers if trigger.met]
    said += f"An update is due: {', '.join(met)}." if met else "No trigger for an update is met."
    if signal.possible_studies:
        waiting = _many(signal.possible_studies, "undecided study reads", "undecided studies read")
        said += f" {waiting} as eligible, with {_many(signal.possible_patients, 'patient')}."
    return said


def _many(count: int, one: str, several: str | None = None) -> str:
    return f"{count} {one if count == 1 else several or one + 's'}"
