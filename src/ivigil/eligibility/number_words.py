"""Plain English around a number of people, by what it says of them; general to reports, so it lives here."""

from __future__ import annotations

from ivigil.eligibility.lexicon import word_set

_CLASSES = {
    "better": """
        improved improve improving responded response responders healed healing resolved resolution remission normalised
        normalized normal achieved reached attained satisfied benefited stable stabilised stabilized unchanged recovered
        disappeared regained halved decreased fell reduced lowered increased rose gained improvement regression tapered
        weaned stopped softening
    """,
    "worse": """
        worsened worsening deteriorated progressed progression relapsed relapse flare flared died death deaths failed
        recurred recurrence nonresponders amputation
    """,
    "event": """
        headache headaches fever rash migraine thrombosis thromboembolic event events reactions reaction adverse
        meningitis haemolysis hemolysis hypertension infection infections pneumonia chills nausea urticaria embolism
        developed experienced suffered occurred complained serious hospitalised hospitalized
    """,
    "lost": """
        discontinued withdrew withdrawn lost dropped emigrated refused declined interrupted withdrawal moved transferred
    """,
    "screened": """
        screened approached contacted invited excluded excluding searched consecutive database register registry cohort
        files records charts considered
    """,
    "studied": """
        included enrolled recruited analysed analyzed studied identified evaluated reviewed describe described report
        reported followed participated entered eligible found retrieved comprised consisted registered met fulfilled
        extracted gathered collected assembled involved
    """,
    "treated": """
        treated received receive receiving given infused administered exposed had have having underwent prescribed used
        employed offered treatment taking took managed handled put
    """,
    "began": """
        started began begun initiated commenced proceeded accepted consented agreed opted eventually switched continued
        chosen chose allocated assigned randomised randomized went approved
    """,
    "completed": "completed finished evaluable available assessable analysable",
    "described": """
        women woman men man female females male males positive negative seropositive diffuse limited aged median mean
        smokers myositis fulfilling classified overlap biopsy
    """,
    "before": "previous previously prior earlier already refractory resistant",
    "others": "other others remaining remainder rest without untreated matched",
    "adult": "adult adults",
    "young": """
        child children adolescent adolescents paediatric pediatric juvenile girls boys girl boy young minors teenagers
    """,
    "left": "leaving left thus finally hence remained kept retained ultimately therefore",
    "thing": """
        centres centers hospitals infusions courses cycles visits samples months weeks years days publications papers
        articles studies biopsies sera units doses preparations points departments clinics institutions countries trials
        reports records cells lesions ulcers eyes joints muscles domains items events times hours vials grams sites
        episodes measurements concentrations
    """,
    "people": "patients patient subjects participants adults individuals cases people persons outpatients",
    "definite": "the these those",
    "all": "all every each",
    "negated": "no not never none nobody except but",
    "group": "arm group groups arms",
    "route": "intravenous intravenously iv subcutaneous subcutaneously sc",
}
CLASSES_OF: dict[str, tuple[str, ...]] = {}
for _name, _words in _CLASSES.items():
    for _word in word_set(_words):
        CLASSES_OF[_word] = (*CLASSES_OF.get(_word, ()), _name)

# what a clause says its people did, or what became of them; the rest only marks a neighbouring word
TELLING = frozenset(_CLASSES) - {"people", "definite", "all", "negated", "group", "route"}
SEXES = word_set("women woman female females men man male males")
# what became of people who were counted and then not treated
NEVER_TREATED = word_set("never cancelled canceled unused untreated")
NEVER_BEGAN = NEVER_TREATED | word_set(
    "refused declined preferred denied withdrew erroneous duplicate duplicates ineligible"
)
EARLIER_NAMED = word_set("the these all those other")
SHARES = {
    "one half": 1 / 2, "half": 1 / 2, "one third": 1 / 3, "a third": 1 / 3, "two thirds": 2 / 3,
    "a quarter": 1 / 4, "one quarter": 1 / 4, "three quarters": 3 / 4, "one fifth": 1 / 5, "a fifth": 1 / 5,
    "two fifths": 2 / 5, "one in three": 1 / 3, "one in four": 1 / 4, "one in five": 1 / 5, "one in six": 1 / 6,
    "one in eight": 1 / 8, "one in ten": 1 / 10, "every third": 1 / 3, "every fourth": 1 / 4, "every fifth": 1 / 5,
    "two in three": 2 / 3, "two in five": 2 / 5, "a fourth": 1 / 4, "one sixth": 1 / 6, "three fifths": 3 / 5,
    "three fourths": 3 / 4,
    "evenly": 1 / 2, "equally": 1 / 2, "equal groups": 1 / 2, "equal arms": 1 / 2,
}  # fmt: skip
