"""Words that linking reads titles and names by."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A document about another: it often repeats the other's title.
NOTICES = {
    "erratum": "correction", "errata": "correction", "corrigendum": "correction", "corrigenda": "correction",
    "correction": "correction", "corrections": "correction", "addendum": "correction",
    "retraction": "retraction", "retracted": "retraction", "withdrawn": "retraction",
    "reply": "reply", "replies": "reply", "rejoinder": "reply", "rebuttal": "reply",
    "comment": "comment", "comments": "comment", "commentary": "comment", "re": "comment",
    "editorial": "editorial", "protocol": "protocol", "introduction": "introduction", "preface": "introduction",
}  # fmt: skip
# The same where they lead or follow a title; within one they can mean anything.
SPEAKING_ABOUT = _words("response responses discussion discussions summary critique letter invited authors author")
BRITISH_SPELLINGS = (("ae", "e"), ("oe", "e"), ("our", "or"), ("isation", "ization"), ("ise", "ize"), ("isi", "izi"))
# Columns that appear again and again under one title by one hand.
SERIAL = _words(
    "editor editors editorial editorials column columns remarks perspectives corner news notes abstracts reviewers "
    "index contents proceedings introduction foreword preface obituary letters viewpoint commentary minitrack"
)
# Words that part two studies whose titles are otherwise one; compared only where the titles differ in them.
TELLING = _words(
    "men women man woman male female males females boys girls mothers fathers "
    "children child adults adult adolescents adolescent infants infant neonates neonatal elderly pediatric paediatric "
    "rats rat mice mouse rabbits rabbit dogs dog cats cat pigs pig sheep monkeys animals humans human "
    "vivo vitro pilot protocol rationale interim final preliminary subgroup followup follow extension "
    "increase increases increased decrease decreases decreased high low higher lower early late acute chronic "
    "left right with without before after positive negative upper lower short long primary secondary first second "
    "third single multiple efficacy safety survival mortality quality cost prevalence incidence benign malignant "
    "inpatients outpatients unilateral bilateral active inactive on off not no non untreated treated"
)
OPPOSED_HEADS = (("hypo", "hyper"), ("pre", "post"), ("intra", "extra"), ("intra", "inter"), ("mono", "poly"))
NEGATING_HEADS = ("un", "in", "non", "dis", "a", "anti", "im", "ir")
LITTLE_WORDS = _words("a an and as at by de der des die du et for from in la le of on or the to und using versus vs")
PART_WORDS = _words("part chapter section volume series paper report study phase no")
# Particles and suffixes of names.
PARTICLES = _words("van von vande vander de der den del della di da dos du la le el al ter ten bin ibn jr sr dr")
# Words of journals' and meetings' names that tell none from another.
LITTLE_VENUE_WORDS = _words(
    "the of and for in on to a an d l de del della des du da do la le les et und fur fuer der die das y e"
)
MEETING_WORDS = _words(
    "conference proceedings proc conf symposium congress workshop meeting international annual ieee acm"
)
# Stems of method and praise, which say nothing of what was studied.
COMMON_STEMS = tuple(
    _words(
        "patient study studies trial retrospective prospective randomi controlled multicent treat therap effect effic "
        "safety outcome result clinical experience compar analysis evaluat associat between cohort data report review "
        "open label pilot case series large long term follow single cent national from with using after among during "
        "use and the for its than are may can due who into our this that these versus management role impact new improv"
    )
)
