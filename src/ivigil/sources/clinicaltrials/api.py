"""ClinicalTrials.gov over the wire: the two calls on studies, and the harvest made of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count as counting

from ivigil.errors import MalformedResponse, NotEntitled, QueryRejected, SearchContext
from ivigil.records import Record
from ivigil.sources.answer import Answer, refuse_rejected
from ivigil.sources.base import Page, Payload, SearchRequest
from ivigil.sources.clinicaltrials import query
from ivigil.sources.clinicaltrials.parse import NAME, StudyPage, parse_one, parse_studies
from ivigil.sources.listing import Batch, log_page, read_whole
from ivigil.sources.session import PoliteSession

BASE_URL = "https://clinicaltrials.gov/api/v2"
RATE = 50 / 60
"""Requests a second. No limit is published; about 50 a minute is what users advise."""
PAGE_SIZE = 100
IDENTIFIERS_AT_ONCE = 100
FIELDS = (
    "IdentificationModule|StatusModule|SponsorCollaboratorsModule|DescriptionModule|ConditionsModule|DesignModule"
    "|ArmsInterventionsModule|OutcomesModule|EligibilityModule|OverallOfficial|ReferencesModule"
    "|ConditionBrowseModule|InterventionBrowseModule|HasResults"
)
"""What is asked of a study: all but its sites, of which there may be thousands, and its results tables."""


class ClinicalTrials:
    """The ClinicalTrials.gov client. It needs no key."""

    name = NAME

    def __init__(self, session: PoliteSession, *, base_url: str = BASE_URL) -> None:
        self._base_url = base_url.rstrip("/")
        self._channel = session.channel(NAME, rate=RATE)

    def harvest(self, request: SearchRequest) -> Iterator[Page]:
        """Yield every hit of the request; see `Source.harvest`.

        The page token belongs to one state of the data: where the daily refresh voids it, the list is read anew.
        """
        context = SearchContext(NAME, request.query_hash, (request.window.start, request.window.end))
        yield from self._read_whole(query.search_params(request), context)

    def count(self, strategy: str) -> int:
        """How many registrations the whole strategy matches, without any window."""
        context = SearchContext(NAME)
        _, found = self._studies({"query.term": strategy, "pageSize": "1", "countTotal": "true"}, context, "NCTId")
        return _total(found, context)

    def held(self, strategy: str, identifiers: Sequence[str]) -> frozenset[str]:
        """Which of these NCT numbers the strategy returns."""
        context = SearchContext(NAME)
        found: set[str] = set()
        for batch in _batches(identifiers, context):
            params = query.identifiers_params(batch, strategy)
            for page in self._read_through(params, context):
                found.update(number for record in page.records for number in record.registry_ids)
        return frozenset(one for one in identifiers if one.upper() in found)

    def fetch(self, identifiers: Sequence[str]) -> Iterator[Page]:
        """The registrations of these NCT numbers as they are now; unknown ones are `missing`.

        A number that was given up for another one is followed to the registration that holds it now.
        """
        context = SearchContext(NAME)
        numbers = counting(1)
        for batch in _batches(identifiers, context):
            came: set[str] = set()
            for found in self._read_whole(query.identifiers_params(batch), context):
                came.update(number for record in found.records for number in record.registry_ids)
                yield found
            for number in batch:
                if number not in came:
                    page = self._former(number, context)
                    log_page(context, next(numbers), page)
                    yield page

    def _former(self, number: str, context: SearchContext) -> Page:
        """One registration by its own address, which redirects from a former number to the present one."""

        def read(answer: Answer) -> Record | None:
            if answer.status == 404:
                return None
            _refuse(answer, context)
            return parse_one(answer.body, context)

        answer, record = self._channel.get(
            f"{self._base_url}/studies/{number}", {"fields": FIELDS}, context=context, read=read
        )
        return Page(
            query=f"/studies/{number}",
            reported=1,
            records=(record,) if record else (),
            payload=answer.payload,
            missing=() if record else (number,),
        )

    def _read_whole(self, params: dict[str, str], context: SearchContext) -> Iterator[Page]:
        return read_whole(query.as_text(params), lambda _: self._read_through(params, context), context)

    def _read_through(self, params: dict[str, str], context: SearchContext) -> Iterator[Batch]:
        """Every page to the last; the total stands on the first alone."""
        token: str | None = None
        total = 0
        past: set[str] = set()
        while True:
            paging = {"pageSize": str(PAGE_SIZE)} | ({"pageToken": token} if token else {"countTotal": "true"})
            try:
                payload, found = self._studies(params | paging, context)
            except QueryRejected:
                if token is None:
                    raise
                return  # the data was refreshed under the token: what is missing is seen by the count, and read anew
            total = total if token else _total(found, context)
            yield Batch(payload, total, found.records, found.rejected)
            token = found.token
            if token is None or token in past:
                return
            past.add(token)

    def _studies(
        self, params: dict[str, str], context: SearchContext, fields: str = FIELDS
    ) -> tuple[Payload, StudyPage]:
        def read(answer: Answer) -> StudyPage:
            _refuse(answer, context)
            return parse_studies(answer.body, context)

        answer, found = self._channel.get(
            f"{self._base_url}/studies", params | {"fields": fields, "format": "json"}, context=context, read=read
        )
        return answer.payload, found


def _refuse(answer: Answer, context: SearchContext) -> None:
    """Raise for a 4xx. 403 comes from the gate before the service, which turns away callers by their User-Agent."""
    if answer.status == 403:
        raise NotEntitled(
            f"blocked with 403: {answer.excerpt()}",
            context=context,
            hint="set IVIGIL_USER_AGENT to another name for this program, or ask the registry",
        )
    refuse_rejected(answer, context)


def _total(found: StudyPage, context: SearchContext) -> int:
    if found.total is None:
        raise MalformedResponse("a first page without totalCount", context=context)
    return found.total


def _batches(identifiers: Sequence[str], context: SearchContext) -> list[list[str]]:
    """The distinct NCT numbers in batches.

    Raises:
        QueryRejected: one is no NCT number.
    """
    distinct = list(dict.fromkeys(one.upper() for one in identifiers))
    if wrong := next((one for one in distinct if not query.is_identifier(one)), None):
        raise QueryRejected(f"{wrong!r} is not a registration number of ClinicalTrials.gov", context=context)
    return [distinct[start : start + IDENTIFIERS_AT_ONCE] for start in range(0, len(distinct), IDENTIFIERS_AT_ONCE)]
