"""PubMed XML to records, each field by a small article written for it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivigil.errors import MalformedResponse
from ivigil.records import RecordKind
from ivigil.sources.pubmed import parse_articles
from ivigil.sources.retraction import is_retracted, standing

MML = 'xmlns:mml="http://www.w3.org/1998/Math/MathML"'
FULL = f"""<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="2">101</PMID>
 <DateRevised><Year>2024</Year><Month>05</Month><Day>06</Day></DateRevised>
 <Article><Journal><ISSN IssnType="Print">1111-2222</ISSN>
   <JournalIssue><Volume>7</Volume><Issue>2</Issue><PubDate><Year>2023</Year><Month>Dec</Month></PubDate></JournalIssue>
   <Title>Journal of Tests</Title><ISOAbbreviation>J Tests</ISOAbbreviation></Journal>
  <ArticleTitle>IgG<sub>4</sub> and <i>in
     vitro</i> work.</ArticleTitle>
  <Pagination><StartPage>10</StartPage><EndPage>19</EndPage></Pagination>
  <ELocationID EIdType="doi" ValidYN="N">10.1000/wrong</ELocationID>
  <ELocationID EIdType="doi" ValidYN="Y">10.1000/Located</ELocationID>
  <ELocationID EIdType="pii" ValidYN="Y">S1-2</ELocationID>
  <Abstract><AbstractText Label="AIM" NlmCategory="OBJECTIVE">To see <b>bold</b> words.</AbstractText>
   <AbstractText Label="RESULTS">We saw
    <mml:math {MML}><mml:mi>x</mml:mi><mml:mo>=</mml:mo><mml:mn>2</mml:mn></mml:math>.</AbstractText>
   <AbstractText Label="EMPTY"/></Abstract>
  <AuthorList>
   <Author ValidYN="Y"><LastName>Alpha</LastName><ForeName>Ann B</ForeName><Initials>AB</Initials><Suffix>Jr</Suffix>
    <Identifier Source="ORCID">https://orcid.org/0000000218250097</Identifier>
    <AffiliationInfo><Affiliation>Unit One.</Affiliation></AffiliationInfo>
    <AffiliationInfo><Affiliation>Unit Two.</Affiliation></AffiliationInfo></Author>
   <Author ValidYN="N"><LastName>Alhpa</LastName></Author>
   <Author><CollectiveName>The Test Group</CollectiveName></Author></AuthorList>
  <Language>FRE</Language><Language>eng</Language>
  <DataBankList><DataBank><DataBankName>ClinicalTrials.gov</DataBankName><AccessionNumberList>
    <AccessionNumber>NCT00000001</AccessionNumber></AccessionNumberList></DataBank>
   <DataBank><DataBankName>GEO</DataBankName><AccessionNumberList>
    <AccessionNumber>GSE1</AccessionNumber></AccessionNumberList></DataBank></DataBankList>
  <PublicationTypeList><PublicationType>Journal Article</PublicationType></PublicationTypeList>
  <VernacularTitle>Travaux</VernacularTitle>
  <ArticleDate DateType="Electronic"><Year>2023</Year><Month>10</Month><Day>31</Day></ArticleDate></Article>
 <MedlineJournalInfo><MedlineTA>J Tests Medline</MedlineTA><ISSNLinking>1111-3333</ISSNLinking></MedlineJournalInfo>
 <CommentsCorrectionsList><CommentsCorrections RefType="ErratumIn">
   <RefSource>J Tests. 2024;8:1. doi: 10.1000/err.</RefSource>
   <PMID>102</PMID></CommentsCorrections></CommentsCorrectionsList>
 <MeshHeadingList><MeshHeading><DescriptorName UI="D1" MajorTopicYN="N">Immunoglobulins</DescriptorName>
    <QualifierName MajorTopicYN="Y">therapeutic use</QualifierName></MeshHeading>
   <MeshHeading><DescriptorName UI="D2" MajorTopicYN="N">Humans</DescriptorName></MeshHeading></MeshHeadingList>
 <KeywordList><Keyword>skin</Keyword><Keyword>skin</Keyword></KeywordList>
 <OtherAbstract Type="Publisher" Language="fre"><AbstractText>Pour voir.</AbstractText></OtherAbstract>
</MedlineCitation><PubmedData>
 <History><PubMedPubDate PubStatus="entrez"><Year>2023</Year><Month>11</Month><Day>1</Day></PubMedPubDate>
  <PubMedPubDate PubStatus="medline"><Year>2024</Year><Month>2</Month><Day>3</Day></PubMedPubDate></History>
 <ArticleIdList><ArticleId IdType="pubmed">101</ArticleId><ArticleId IdType="pmc">PMC77</ArticleId></ArticleIdList>
 <ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.9999/cited</ArticleId>
   <ArticleId IdType="pmc">PMC1</ArticleId></ArticleIdList></Reference></ReferenceList>
</PubmedData></PubmedArticle>"""


def parse(*entries, root="PubmedArticleSet"):
    return parse_articles(f"<{root}>{''.join(entries)}</{root}>".encode())


@pytest.fixture(scope="module")
def record():
    (found,) = parse(FULL).records
    return found


def citation(inside="", article="", pmid="1"):
    return (
        f"<PubmedArticle><MedlineCitation><PMID>{pmid}</PMID><Article><Journal/><ArticleTitle>T</ArticleTitle>"
        f"{article}</Article>{inside}</MedlineCitation></PubmedArticle>"
    )


def test_identity_is_pmid_and_version(record):
    """A record is known by PMID and version, under PubMed's name and address."""
    assert record.key == ("pubmed", "101", "2")
    assert record.url == "https://pubmed.ncbi.nlm.nih.gov/101/"


def test_inline_markup_is_read_as_text(record):
    """Subscripts, italics and line breaks in a title, and MathML in an abstract, become plain words."""
    assert record.title == "IgG4 and in vitro work."
    assert record.abstract_text == "AIM: To see bold words.\nRESULTS: We saw x=2."
    assert record.abstract[0].category == "OBJECTIVE"


def test_other_languages_are_kept(record):
    """Vernacular title, other-language abstract and all languages stand beside the English ones."""
    assert (record.vernacular_title, record.languages) == ("Travaux", ("fre", "eng"))
    assert [(part.language, part.kind, part.sections[0].text) for part in record.other_abstracts] == [
        ("fre", "Publisher", "Pour voir.")
    ]


def test_people_and_groups_are_authors(record):
    """A person has ORCID and affiliations, a group its name; a spelling marked wrong is left out."""
    assert [author.name for author in record.authors] == ["Alpha AB Jr", "The Test Group"]
    assert record.authors[0].orcid == "0000-0002-1825-0097"
    assert record.authors[0].affiliations == ("Unit One.", "Unit Two.")


def test_all_five_dates_are_read(record):
    """Issue, electronic, entry, indexing and revision dates each come from their own element."""
    assert (str(record.published), str(record.electronic)) == ("2023-12", "2023-10-31")
    assert (record.entered, record.indexed, record.revised) == (
        date(2023, 11, 1),
        date(2024, 2, 3),
        date(2024, 5, 6),
    )


def test_identifiers_are_the_document_s_own(record):
    """DOI, PMCID and trial number are its own, never those of its references nor one marked invalid."""
    assert (record.doi, record.pmcid, record.registry_ids) == ("10.1000/located", "PMC77", ("NCT00000001",))
    assert record.other_ids == (("pii", "S1-2"), ("geo", "GSE1"))


def test_the_journal_is_read(record):
    """Title, abbreviation, both ISSNs, volume, issue and pages."""
    assert (record.journal, record.journal_abbreviation, record.issns) == (
        "Journal of Tests",
        "J Tests",
        ("1111-2222", "1111-3333"),
    )
    assert (record.volume, record.issue, record.pages) == ("7", "2", "10-19")


def test_a_major_qualifier_makes_its_heading_major(record):
    """The major mark counts on the descriptor and on its qualifiers."""
    assert [(one.descriptor, one.major, one.qualifiers) for one in record.mesh] == [
        ("Immunoglobulins", True, ("therapeutic use",)),
        ("Humans", False, ()),
    ]
    assert record.keywords == ("skin",)


def test_a_correction_is_a_relation_with_its_doi(record):
    """An erratum gives kind, PMID and the DOI in its words, and retracts nothing."""
    (link,) = record.relations
    assert (link.kind, link.pmid, link.doi) == ("ErratumIn", "102", "10.1000/err")
    assert standing(record).corrections == (link,)
    assert not is_retracted(record)


def link(kind, inside="<PMID>9</PMID>"):
    entry = f'<CommentsCorrections RefType="{kind}">{inside}</CommentsCorrections>'
    return f"<CommentsCorrectionsList>{entry}</CommentsCorrectionsList>"


def typed(name):
    return f"<PublicationTypeList><PublicationType>{name}</PublicationType></PublicationTypeList>"


@pytest.mark.parametrize(
    ("inside", "article", "retracted"),
    [
        ("", typed("Retracted Publication"), True),
        ("", typed("Retraction Notice"), False),
        (link("RetractionIn", "<RefSource>J. 2020</RefSource><PMID/>"), "", True),
        (link("RetractionOf"), "", False),
        (link("ExpressionOfConcernIn"), "", False),
    ],
)
def test_a_retracted_work_is_told_from_its_notice(inside, article, retracted):
    """Type or RetractionIn, even without a PMID, retracts; a notice and a concern do not."""
    (record,) = parse(citation(inside, article)).records
    assert is_retracted(record) is retracted
    assert (len(standing(record).concerns) == 1) is ("Concern" in inside)


def test_an_article_id_doi_goes_before_a_location_doi():
    """Where both lists hold a DOI, PubMed's own list is taken."""
    entry = citation(article='<ELocationID EIdType="doi">10.1000/b</ELocationID>').replace(
        "</PubmedArticle>",
        '<PubmedData><ArticleIdList><ArticleId IdType="doi">10.1000/A</ArticleId></ArticleIdList></PubmedData>'
        "</PubmedArticle>",
    )
    assert parse(entry).records[0].doi == "10.1000/a"


def test_old_files_are_read_by_their_own_marks():
    """Without PubmedData, DateCreated is the entry date and OtherID holds the PMC number."""
    entry = (
        "<MedlineCitation><PMID>5</PMID><DateCreated><Year>2008</Year><Month>07</Month><Day>14</Day></DateCreated>"
        "<Article><Journal/><ArticleTitle/></Article><OtherID Source='NLM'>PMC438 [Available on 12/22/16]</OtherID>"
        "<OtherID Source='NLM'>NIHMS1</OtherID></MedlineCitation>"
        "<DeleteCitation><PMID>6</PMID><PMID>7</PMID></DeleteCitation>"
    )
    found = parse(entry, root="MedlineCitationSet")
    (record,) = found.records
    assert (record.entered, record.pmcid, record.title, record.version) == (date(2008, 7, 14), "PMC438", "", "1")
    assert found.deleted == ("6", "7")


def test_a_book_chapter_is_a_book():
    """A chapter has its own title and authors, the book's title, publisher and date."""
    entry = """<PubmedBookArticle><BookDocument><PMID Version="1">33</PMID>
      <ArticleIdList><ArticleId IdType="doi">10.1000/book</ArticleId></ArticleIdList>
      <Book><Publisher><PublisherName>Test Press</PublisherName></Publisher><BookTitle>A Book</BookTitle>
       <PubDate><Year>2021</Year></PubDate><Isbn>9780000000000</Isbn>
       <AuthorList Type="editors"><Author><LastName>Editor</LastName></Author></AuthorList></Book>
      <ArticleTitle>A Chapter</ArticleTitle><Language>eng</Language>
      <AuthorList Type="authors"><Author><LastName>Writer</LastName></Author></AuthorList>
      <PublicationType>Review</PublicationType><Abstract><AbstractText>Words.</AbstractText></Abstract>
      <ContributionDate><Year>2022</Year><Month>Jan</Month><Day>4</Day></ContributionDate></BookDocument>
      <PubmedBookData><History><PubMedPubDate PubStatus="entrez"><Year>2021</Year><Month>2</Month><Day>3</Day>
      </PubMedPubDate></History></PubmedBookData></PubmedBookArticle>"""
    (record,) = parse(entry).records
    assert (record.kind, record.title, record.journal, record.publisher) == (
        RecordKind.BOOK,
        "A Chapter",
        "A Book",
        "Test Press",
    )
    assert [author.name for author in record.authors] == ["Writer"]
    assert (str(record.published), str(record.electronic), record.entered) == ("2021", "2022-01-04", date(2021, 2, 3))
    assert (record.doi, record.publication_types, record.other_ids) == (
        "10.1000/book",
        ("Review",),
        (("isbn", "9780000000000"),),
    )


def test_a_book_by_its_editors_names_them():
    """Where a book has editors only, they stand as its authors, and its title is the title."""
    entry = """<PubmedBookArticle><BookDocument><PMID>34</PMID><Book><BookTitle>A Book</BookTitle>
      <AuthorList Type="editors"><Author><LastName>Editor</LastName></Author></AuthorList></Book>
      </BookDocument></PubmedBookArticle>"""
    (record,) = parse(entry).records
    assert ([author.name for author in record.authors], record.title) == (["Editor"], "A Book")


@pytest.mark.parametrize(
    ("entry", "name", "why"),
    [
        ("<PubmedArticle><MedlineCitation><PMID>8</PMID></MedlineCitation></PubmedArticle>", "8", "no Article"),
        ("<PubmedArticle/>", "#2", "holds no citation"),
        ("<Mystery/>", "#2", "Mystery holds no citation"),
        ("<MedlineCitation><Article/></MedlineCitation>", "#2", "its PMID is ''"),
        ("<PubmedBookArticle/>", "#2", "no BookDocument"),
    ],
)
def test_an_entry_that_cannot_be_read_is_rejected_alone(entry, name, why):
    """Its id, or its place, and the reason are kept; the others come."""
    found = parse(citation(pmid="7"), entry, citation(pmid="9"))
    assert [record.pmid for record in found.records] == ["7", "9"]
    ((given_name, given_why),) = found.rejected
    assert given_name == name
    assert why in given_why


def test_a_record_does_not_take_the_number_of_its_comment():
    """The PMID of a linked document is never the record's own."""
    entry = (
        "<PubmedArticle><MedlineCitation><Article/><CommentsCorrectionsList><CommentsCorrections><PMID>55</PMID>"
        "</CommentsCorrections></CommentsCorrectionsList></MedlineCitation></PubmedArticle>"
    )
    assert parse(entry).rejected[0][0] == "#1"


def test_entities_are_not_expanded():
    """A file that defines entities can neither grow without bound nor read this machine's files."""
    bomb = b"""<!DOCTYPE x [<!ENTITY a "boom"><!ENTITY f SYSTEM "file:///etc/hostname">]>
      <PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>1</PMID><Article><ArticleTitle>T &a; &f;</ArticleTitle>
      </Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"""
    (record,) = parse_articles(bomb).records
    assert "boom" not in record.title


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reading(body):
    """Whatever comes is an article set or a malformed response."""
    with pytest.raises(MalformedResponse):
        parse_articles(body)


@given(st.integers(1, 399))
def test_an_answer_cut_anywhere_is_refused(share):
    """There is no place to cut an article set at which it still reads as whole."""
    body = f"<PubmedArticleSet>{FULL}</PubmedArticleSet>".encode()
    with pytest.raises(MalformedResponse):
        parse_articles(body[: len(body) * share // 400])
