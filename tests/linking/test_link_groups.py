"""How links become reports and studies: chains, exclusions, cuts, and a person's word."""

from __future__ import annotations

from linking_cases import to_record

from ivigil.linking import cluster, components

TITLE = "Predictors of response in adults with long-standing disease"
TEAM = "Marel B; Tosk L; Ferro D"


def paper(name: str, **fields: object):
    return to_record({"title": TITLE, "authors": TEAM, "year": 2011, "source_id": name, **fields}, "file")


def test_record_without_a_place_does_not_join_two_papers():
    """A bare record that fits an abstract and a paper goes to one of them and never makes them one."""
    records = {
        "bare": paper("bare", journal="Chest"),
        "here": paper("here", journal="Chest", volume="110", pages="333-338"),
        "there": paper("there", journal="Chest", volume="111", pages="12-19"),
    }
    found = cluster(records).clusters
    assert len(found) == 1
    assert not {"here", "there"} <= set(found[0])


def test_chain_breaks_at_its_weakest_link():
    """Of two links that cannot both stand, the identifier's stands and the mere likeness gives way."""
    records = {
        "a": paper("a", doi="10.5555/one", journal="Chest", volume="110"),
        "b": paper("b", doi="10.5555/one"),
        "c": paper("c", doi="10.5555/two"),
        "d": paper("d", doi="10.5555/two", journal="Chest", volume="110"),
        "bare": paper("bare", journal="Chest", volume="110"),
    }
    groups = [set(group) for group in cluster(records).clusters]
    assert any({"a", "b"} <= group for group in groups)
    assert any({"c", "d"} <= group for group in groups)
    assert not any({"a", "c"} <= group for group in groups)


def test_versions_of_one_paper_are_one_family():
    """Preprint, repository copy and article are one report, each with its own DOI."""
    records = {
        "preprint": paper("preprint", kind="preprint", doi="10.1101/2010.01.01.123456", year=2010),
        "copy": paper("copy", doi="10.5281/zenodo.99"),
        "article": paper("article", doi="10.5555/one", journal="Chest", volume="110", pages="333-338"),
        "other database": paper("other database", journal="Chest", volume="110", pages="333-8"),
    }
    assert [set(group) for group in cluster(records).clusters] == [set(records)]


def test_person_may_join_what_rules_part():
    """A pair that someone linked stays together although the DOIs differ, and others still find their own."""
    records = {
        "a": paper("a", doi="10.5555/one"),
        "b": paper("b", doi="10.5555/two"),
        "again": paper("again", doi="10.5555/two", source="other"),
    }
    assert components(records, [("a", "b")]) == [["a", "b"], ["again"]]
    assert components(records, [("a", "b"), ("b", "again")]) == [["a", "b", "again"]]
    records["first again"] = paper("first again", doi="10.5555/one", source="other")
    links = [("a", "b"), ("b", "again"), ("a", "first again")]
    assert components(records, links) == [["a", "b", "again", "first again"]]


def test_cut_outweighs_every_chain():
    """Two records that were cut apart stay apart, even where a third is linked to both."""
    records = {name: paper(name) for name in "abc"}
    groups = components(records, [("a", "b"), ("b", "c"), ("a", "c")], [("a", "c")])
    assert sorted(map(len, groups)) == [1, 2]
    assert not any({"a", "c"} <= set(group) for group in groups)


def test_cut_of_one_pair_leaves_other_pairs_linked():
    """A cut takes out its own link and no other, even where it was the only one to a record."""
    records = {name: paper(name) for name in "abcd"}
    links = [("a", "c"), ("a", "b"), ("a", "d")]
    groups = components(records, links, [("a", "c"), ("b", "d")])
    assert ["c"] in groups
    assert sorted(map(len, groups)) == [1, 1, 2]


def test_undoing_a_cut_restores_the_group():
    """Without the cut the same links give the group that was there before."""
    records = {name: paper(name) for name in "abc"}
    links = [("a", "b"), ("b", "c")]
    assert components(records, links, [("a", "b")]) == [["a"], ["b", "c"]]
    assert components(records, links) == [["a", "b", "c"]]


def test_study_holds_its_reports_apart():
    """A registration, a protocol, an abstract and a paper are four reports of one study."""
    number = ["NCT90000001"]
    records = {
        "registration": to_record(
            {"kind": "registration", "source_id": number[0], "title": "A study", "registry_ids": number}, "ctgov"
        ),
        "protocol": paper("protocol", title=f"{TITLE}: study protocol", registry_ids=number, year=2008),
        "abstract": paper("abstract", kind="conference_abstract", journal="Arthritis", volume="62", pages="S12"),
        "paper": paper("paper", registry_ids=number, journal="Chest", volume="110", pages="333-338", pmid="7"),
    }
    found = cluster(records)
    assert found.clusters == []
    assert [set(study) for study in found.studies] == [set(records)]


def test_result_is_plain_values():
    """The result as JSON names records, clusters, studies, and each link with its rule and reason."""
    records = {"a": paper("a", pmid="1"), "b": paper("b", pmid="1")}
    plain = cluster(records).as_json()
    assert plain["records"] == 2
    assert plain["clusters"] == [["a", "b"]]
    assert plain["links"][0]["rule"] == "same-pmid"
    assert set(plain["links"][0]) == {"a", "b", "kind", "strength", "rule", "why"}
