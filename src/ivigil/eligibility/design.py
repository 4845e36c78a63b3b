"""How a study was made, from its publication types, title and text. Shown, never a gate by itself."""

from __future__ import annotations

import re

from ivigil.criteria import Design
from ivigil.eligibility.case import Case, quote
from ivigil.eligibility.counting import Kind
from ivigil.eligibility.lexicon import fold
from ivigil.eligibility.reading import Reading, Status
from ivigil.eligibility.sample_size import Treated
from ivigil.eligibility.text import Sentence

_I = re.IGNORECASE
_SERIES = 5  # fewer treated than this is a report of cases
# Titles and types say what a document is; texts say how a study was made. First match wins, top to bottom.
_BY_TYPE: tuple[tuple[Design, frozenset[str]], ...] = (
    (
        Design.GUIDELINE,
        frozenset({"practice guideline", "guideline", "consensus development conference", "consensus statement"}),
    ),
    (
        Design.PROTOCOL,
        frozenset(
            {
                "clinical trial protocol",
                "study protocol",
                "clinical trial registration",
                "trial registry record",
                "registration",
            }
        ),
    ),
    (Design.RCT, frozenset({"randomized controlled trial"})),
)
_REVIEW_TYPES = frozenset({"review", "systematic review", "scoping review", "meta-analysis", "network meta-analysis"})
_TITLE: tuple[tuple[Design, re.Pattern[str]], ...] = (
    (
        Design.GUIDELINE,
        re.compile(r"\bguidelines?\b|\brecommendations?\b|consensus statement|position statement|commissioning", _I),
    ),
    (
        Design.PROTOCOL,
        re.compile(r"\bprotocol\b|rationale (?:and|of)|design of (?:a|the)|statistical analysis plan", _I),
    ),
    (
        Design.PRECLINICAL,
        re.compile(r"\bmice\b|\bmouse\b|\bmurine\b|\brats?\b|animal model|tight.skin|bleomycin.induced", _I),
    ),
    (Design.IN_VITRO, re.compile(r"\bin vitro\b|fibroblasts?\b", _I)),
    (
        Design.REVIEW,
        re.compile(
            r"systematic (?:literature )?review|literature review|meta-analysis|scoping review|narrative review|review of the literature|where do we stand|state of the art|an overview|\bupdate\b|current perspectives?|: a review\b|^review\b|what do we know|evidence[- ]based review|umbrella review",
            _I,
        ),
    ),
)
_TEXT: tuple[tuple[Design, re.Pattern[str]], ...] = (
    (
        Design.PROTOCOL,
        re.compile(
            r"\bwill (?:be )?(?:enrol|recruit|randomi|includ|receiv|assign)|we (?:plan|intend) to|estimated enrol|planned enrol|trial is registered and will|primary (?:outcome|endpoint) will be|estimated study completion",
            _I,
        ),
    ),
    (
        Design.GUIDELINE,
        re.compile(
            r"(?:this|the|these|our) (?:guidelines?|recommendations)|recommendations were (?:graded|developed|formulated|agreed)",
            _I,
        ),
    ),
    (Design.PRECLINICAL, re.compile(r"\bmice\b|\bmouse\b|\bmurine\b|\brats\b|\brabbits\b", _I)),
    (
        Design.REVIEW,
        re.compile(
            r"(?:this|the present|our|in this) (?:\w+ ){0,2}review\b|we (?:systematically )?(?:reviewed|searched|review|summari[sz]e) (?:the )?(?:published |available |current |existing )?(?:literature|evidence|articles|papers|studies|medline|pubmed|embase)|(?:medline|embase|pubmed)[^.]{0,60} (?:was|were) searched|(?:were|was) searched[^.]{0,60}(?:medline|embase|pubmed)|search of (?:medline|embase|pubmed|the literature)|studies were included|pooled (?:estimate|analysis of)",
            _I,
        ),
    ),
    (
        Design.RCT,
        re.compile(
            r"randomi[sz]ed[^.]{0,80}(?:placebo|controlled|trial|study|to (?:receive|either))|randomly (?:assigned|allocated)|were randomi[sz]ed|placebo-controlled|double-blind",
            _I,
        ),
    ),
    (Design.PILOT, re.compile(r"\bpilot\b|\bfeasibility (?:study|trial)|proof[- ]of[- ]concept", _I)),
    (
        Design.OPEN_LABEL,
        re.compile(
            r"open[- ]label|\bopen (?:trial|study|prospective|non|uncontrolled)|single[- ]arm|uncontrolled trial|phase (?:i|1|ii|2)[ab]? (?:study|trial)",
            _I,
        ),
    ),
    (
        Design.CASE_CONTROL,
        re.compile(
            r"case[- ]control|matched controls?|(?:were|was) compared (?:with|to) (?:\w+ ){0,6}(?:not|without|untreated|controls|who did)|(?:and|while|whereas) (?:the (?:other|remaining) )?\w+ (?:were|did|had|was) not(?: receive)?\b|with and without (?:intravenous|ivig|polyvalent)|treated (?:\w+ ){0,2}(?:than|and|versus|vs\.?) (?:in )?(?:\w+ ){0,3}untreated|untreated (?:arm|group|patients|controls)|(?:versus|vs\.?|compared (?:with|to)) (?:those )?(?:not treated|untreated|without|who did not)",
            _I,
        ),
    ),
    (
        Design.RETROSPECTIVE,
        re.compile(
            r"retrospectiv|\b(?:medical |case |patient |clinical )?(?:records|charts|files|notes|case notes)\b[^.]{0,80}(?:review|search|analy|examin|screened)|(?:review|search|analy)[^.]{0,40}\b(?:records|charts|files|notes)\b|we reviewed|were reviewed|chart review|identified from|database",
            _I,
        ),
    ),
    (Design.PROSPECTIVE, re.compile(r"prospectiv|followed up prospectively|longitudinal", _I)),
    (
        Design.CASE_REPORT,
        re.compile(
            r"case (?:report|series)|we (?:report|describe|present) (?:on )?(?:a|an|one|two|three|four|the case)\b|\ba \d+[- ]year[- ]old\b|case-based",
            _I,
        ),
    ),
    (
        Design.IN_VITRO,
        re.compile(r"\bin vitro\b|cultured (?:human |dermal )?fibroblasts|\bincubated\b|\bcell lines?\b|strips", _I),
    ),
)


def read_design(case: Case, treated: Treated) -> tuple[Design, Reading | None]:
    """The design and the words that say so; OTHER without words where nothing does."""
    types = {name.lower() for name in case.record.publication_types}
    title = case.document.title
    for design, names in _BY_TYPE:
        if names & types:
            return design, None
    if title.sentences:
        for design, pattern in _TITLE:
            if (match := pattern.search(fold(title.text))) and not (
                design is Design.REVIEW and has_own_cohort(treated)
            ):
                return design, _read(title.sentences, match.start(), match.end())
    if types & _REVIEW_TYPES and not has_own_cohort(treated):
        return Design.REVIEW, None
    return _from_text(case, treated)


def has_own_cohort(treated: Treated) -> bool:
    """Whether patients of the authors' own were counted."""
    return treated.value is not None and treated.value > 0


def _from_text(case: Case, treated: Treated) -> tuple[Design, Reading | None]:
    text = fold(case.document.title.text) + " . " + fold(case.document.abstract.text)
    offset = len(case.document.title.text) + 3
    few = treated.value in range(1, _SERIES) and treated.count is not None and treated.count.kind is not Kind.MEMBER
    for design, pattern in _TEXT:
        match = pattern.search(text)
        if match is None:
            continue
        if design is Design.REVIEW and has_own_cohort(treated):
            continue
        if design in {Design.CASE_REPORT} and treated.value is not None and not few:
            continue
        if design in {Design.RETROSPECTIVE, Design.PROSPECTIVE} and few:
            return Design.CASE_REPORT, None
        if match.start() >= offset:
            return design, _read(case.document.abstract.sentences, match.start() - offset, match.end() - offset)
        return design, _read(case.document.title.sentences, match.start(), match.end())
    return (Design.CASE_REPORT, None) if few else (Design.OTHER, None)


def _read(sentences: list[Sentence], start: int, end: int) -> Reading | None:
    for sentence in sentences:
        if sentence.start <= start < sentence.end:
            return quote(sentence, Status.MET, start=start, end=min(end, sentence.end))
    return None
