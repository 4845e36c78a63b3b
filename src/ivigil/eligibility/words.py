"""The plain English that a report's sentences are built from, by the part it plays.

Each class has a one-letter tag; a sentence becomes a string of tags.
"""

from __future__ import annotations

from ivigil.eligibility.lexicon import word_set

_CLASSES: dict[str, str] = {
    # people
    "P": """
        patient patients pts subject subjects participant participants individual individuals case cases people person
        persons adult adults outpatient outpatients inpatient inpatients recipient recipients volunteers sufferers
        user users starters completers survivors beneficiaries veterans members candidates
        observations
    """,
    # people by sex or kinship
    "S": """
        woman women man men female females male males lady ladies sister sisters brother brothers sibling siblings
        twins
    """,
    # the young
    "J": "child children girl girls boy boys adolescent adolescents infant infants teenager teenagers",
    # received
    "V": """
        received receive receives receiving underwent undergo undergoing got had has have having required
        needed require obtained
    """,
    # was given
    "G": """
        treated given giving gave give administered administering prescribed prescribing infused commenced started
        initiated used using managed offered exposed added applied employed injected under switched maintained
        treating undertook tried attempted introduced treat treats began begun begin dispensed delivered issued supplied
        instituted indicated resumed restarted continued combined start starting
    """,
    # was given by lot
    "Z": "randomised randomized randomly assigned allocated randomisation randomization",
    "n": "on",
    # was counted
    "I": """
        included enrolled identified reviewed analysed analyzed studied recruited found retrieved evaluated assessed
        describe described report reported reporting collected eligible entered participated comprised followed
        observed present presented examined investigated fulfilled met describes evaluable includes analyse analyze
        analysing analyzing examine investigate evaluate comprising
        comprises comprise consisted considered retained declared attended constituted eligible registered
    """,
    # not
    "X": "not no never none neither nor without except declined refused untreated cannot refuse nobody",
    # kept out
    "e": """
        naive excluded exclude excluding exclusion contraindicated precluded prohibited disallowed ineligible omitted
        removed rejected forbidden
    """,
    # given for something else
    "s": "replacement replaced prophylaxis prophylactic prophylactically premedication",
    # before the study
    "u": "failed previous prior earlier former preceding",
    # was let be given
    "d": "allowed permitted",
    "h": "therapy therapies treatment",
    # planned or possible
    "H": """
        will planned plan plans would should may might could can expected estimated intended anticipated propose
        proposed intend warranted thought believed presumed hypothesised hypothesized
    """,
    # other people's reports
    "L": """
        literature published previously medline embase pubmed articles papers publications studies trials reviews
    """,
    # counted, but not people
    "E": """
        eye eyes sample samples mouse mice rat rats serum sera biopsy biopsies specimen specimens visit visits episode
        episodes event events relapses muscles joints gene genes cell cells study trial article paper reports
        publication series question questions item items vial vials physician physicians doctors experts
        recommendations prescription prescriptions centre centres center centers site sites hospital hospitals
        institution institutions department departments country countries unit units monthly weekly daily observers
        readers raters month months week weeks year years day days time times database databases records donors
        animals rabbits antibodies autoantibodies domains reviewers clinics regions statements drugs agents variables
        factors parameters claim claims
    """,
    # an administration
    "i": """
        infusion infusions course courses cycle cycles dose doses session sessions pulse pulses injection injections
        administrations treatments
    """,
    # for example
    "c": "including such like especially namely notably",
    "W": "who whom which whose them these those that they",
    "o": "of among amongst out",
    "f": "from",
    "w": "with",
    # came to have
    "v": "developed develop develops",
    "t": "to in for by at after over into during",
    "a": "and plus &",
    "r": "or versus vs than against",
    "l": "all both each every per",
    "g": "group groups arm arms",
    "p": "we our us",
    # more of the same
    "q": "another further additional",
    # people by what became of them; such are a part, unless their kinds are added up
    "j": "responders nonresponders",
    # looked at before it was known whether they take part
    "b": "screened approached contacted invited",
    # after exclusions
    "z": "thus leaving finally ultimately hence",
}
# two words that play one part: "were left out", "not considered"
PAIRS: dict[tuple[str, str], str] = {
    **dict.fromkeys([("left", "out"), ("kept", "out"), ("ruled", "out"), ("set", "aside"), ("put", "aside")], "e"),
    **{("not", word): "e" for word in ("included", "considered", "enrolled", "retained", "eligible", "part")},
    **dict.fromkeys([("reports", "on"), ("reports", "of"), ("electronic", "databases")], "L"),
    ("proposed", "to"): "G",  # treatment was proposed to 18
    **{("been", word): "L" for word in ("reported", "described", "published")},
    **dict.fromkeys([("took", "part"), ("taken", "part")], "I"),
}
DROPPED = word_set(
    """
    the a an this its their his her mg g kg ml dl iu % = < > + ± ' " ≥ ≤ ~ * . ! ? ° µg × bw gkg
    """
)
TAG_OF: dict[str, str] = {}
for _tag, _words in _CLASSES.items():
    for _word in _words.split():
        TAG_OF.setdefault(_word, _tag)

SINGULAR_PERSON = word_set(
    """
    patient woman man female male case lady girl boy adult subject individual
    """
)
NOT_A_PERSON_BEHIND = word_set(
    """
    - series control report reports global reported survey questionnaire cohort based centred centered care study
    """
)
