"""Nobody gets in without a link, does more than their role allows, or is made to do something by another site."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fastapi.routing import APIRoute
from review_client import client_of, local, named

from ivigil.errors import ConfigurationError, TokenRefused
from ivigil.review import create_app, serve
from ivigil.review.access import COOKIE
from ivigil.review.limits import TRIES, WITHIN_SECONDS, Limiter
from ivigil.store import people
from ivigil.surveillance import reviewers
from ivigil.surveillance.clock import Clock
from ivigil.surveillance.context import Context
from ivigil.surveillance.reviewers import Role
from library_at_hand import NOW

OPEN_TO_ALL = {"/sign-in", "/sign-in/{token}", "/decide/{token}"}


def routes(context: Context) -> list[APIRoute]:
    found = []
    stack = list(create_app(context).routes)
    while stack:
        route = stack.pop()
        if isinstance(route, APIRoute):
            found.append(route)
        stack += list(getattr(getattr(route, "original_router", None), "routes", []))
    return found


def test_every_route_asks_for_a_role(context: Context) -> None:
    """Each page and each change asks for a role, but signing in and a message's own link."""
    found = routes(context)
    assert len(found) > 25
    for route in found:
        roles = [getattr(need.call, "role", None) for need in route.dependant.dependencies]
        asked = [role for role in roles if role is not None]
        assert bool(asked) != (route.path in OPEN_TO_ALL), route.path
        if asked and "POST" in route.methods and route.path not in ("/views", "/views/drop", "/sign-out"):
            assert asked[0] >= Role.REVIEWER, route.path


def test_a_stranger_is_asked_to_sign_in(context: Context) -> None:
    """Without a session every page leads to the sign-in page, and a script is told so."""
    stranger = client_of(context)
    for path in ("/", "/candidates", "/reports/1", "/people", "/export/csv"):
        answer = stranger.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert stranger.get("/candidates", headers={"accept": "application/json"}).status_code == 401


def test_a_link_signs_in_once(context: Context) -> None:
    """Looking at a link uses nothing up; using it twice is refused; an unknown one, too."""
    token = reviewers.add_reviewer(context, "ada", Role.ADMIN)
    for _ in range(2):
        assert "Sign in as" in client_of(context).get(f"/sign-in/{token}").text
    client_of(context).enter(token)
    assert client_of(context).post(f"/sign-in/{token}").status_code == 410
    assert client_of(context).post("/sign-in/nonsense").status_code == 410


def test_a_link_runs_out(context: Context) -> None:
    """A link that is older than it lasts signs nobody in."""
    token = reviewers.add_reviewer(context, "ada", Role.ADMIN)
    later = NOW + reviewers.LINK_LASTS + timedelta(days=400)
    late = Context(context.settings, context.protocol, context.store, Clock(wall=lambda: later), context.session)
    late_time = late.clock.wall()
    assert late_time > NOW
    with pytest.raises(TokenRefused):
        reviewers.sign_in(
            Context(late.settings, late.protocol, late.store, Clock(wall=_far_future), late.session), token
        )


def _far_future():
    from datetime import UTC, datetime

    return datetime(2999, 1, 1, tzinfo=UTC)


def test_no_token_is_kept(context: Context) -> None:
    """Neither a link's token nor a session's stands anywhere in the database."""
    token = reviewers.add_reviewer(context, "ada", Role.ADMIN)
    browser = client_of(context).enter(token)
    cookie = browser.cookies[COOKIE]
    with context.store.reading() as session:
        dump = [tuple(row) for table in ("sign_in_links", "web_sessions") for row in _rows(session, table)]
    assert dump
    said = repr(dump)
    assert token not in said
    assert cookie.split(".")[0] not in said


def _rows(session, table):
    from sqlalchemy import text

    return session.execute(text(f"SELECT * FROM {table}")).all()


def test_revoking_ends_sessions_at_once(context: Context) -> None:
    """A revoked reviewer's next page is the sign-in page; their name cannot be let in by an old link either."""
    named(context, "ada", Role.ADMIN)
    ben = named(context, "ben", Role.REVIEWER)
    spare = reviewers.new_link(context, "ben")
    assert ben.get("/candidates").url.path == "/candidates"
    assert reviewers.revoke(context, "ben") == 3  # a used link, a spare one, a session
    assert ben.get("/candidates").url.path == "/sign-in"
    with pytest.raises(TokenRefused):
        reviewers.sign_in(context, spare)


def test_signing_out_ends_the_session_on_the_server(context: Context) -> None:
    """A cookie that was copied before signing out opens nothing afterwards."""
    ada = local(context)
    copied = dict(ada.cookies)
    ada.submit("/sign-out")
    thief = client_of(context)
    thief.cookies.update(copied)
    assert thief.get("/").url.path == "/sign-in"


def test_a_forged_cookie_opens_nothing(context: Context) -> None:
    """A cookie that was not signed here is no session."""
    stranger = client_of(context)
    stranger.cookies[COOKIE] = "ImFhYWEi.abc.def"
    assert stranger.get("/").url.path == "/sign-in"


def test_roles_bound_what_one_may_do(context: Context) -> None:
    """A reader reads and decides nothing; a reviewer decides and lets nobody in; the last admin stays."""
    admin = named(context, "ada", Role.ADMIN)
    reader, reviewer = named(context, "rea", Role.READER), named(context, "ben", Role.REVIEWER)
    assert reader.get("/candidates").status_code == 200
    assert reader.submit("/reports/1/decisions", value="include").status_code == 403
    assert reviewer.submit("/reports/1/decisions", value="include").status_code == 303
    assert reviewer.get("/people").status_code == 403
    assert reviewer.submit("/screener/retrain").status_code == 403
    assert admin.get("/people").status_code == 200
    assert admin.submit("/people/role", name="ada", role="reader").status_code == 422
    with pytest.raises(ConfigurationError, match="last admin"):
        reviewers.revoke(context, "ada")


def test_local_sessions_end_when_people_are_set_up(context: Context) -> None:
    """Whoever sat at the machine is admin until the first reviewer is set up, and signs in by name from then on."""
    ada = local(context)
    answer = ada.submit("/people", name="ada", role="reader")
    assert "/sign-in/" in answer.text
    assert reviewers.list_reviewers(context)[0]["role"] == "admin"
    assert ada.get("/candidates").url.path == "/sign-in"
    with pytest.raises(ConfigurationError):
        reviewers.local_link(context)


@pytest.mark.parametrize("token", ["", "wrong", "other"])
def test_a_form_without_its_token_changes_nothing(context: Context, token: str) -> None:
    """A change without the session's own form token is refused, be it missing, wrong or another session's."""
    ada = local(context)
    ada.form_token = (
        client_of(context).enter(reviewers.local_link(context), called="ben").form_token if token == "other" else token
    )
    assert ada.submit("/reports/1/decisions", value="include").status_code == 403
    with context.store.reading() as session:
        assert people.reviewers(session) == []
        assert _rows(session, "decisions") == []


@pytest.mark.parametrize(
    "headers", [{"origin": "https://elsewhere.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]
)
def test_another_sites_page_changes_nothing(context: Context, headers: dict[str, str]) -> None:
    """A form sent from another site is refused even with the right token, when signing in as well."""
    ada = local(context)
    fields = {"form_token": ada.form_token, "value": "include"}
    assert ada.post("/reports/1/decisions", data=fields, headers=headers).status_code == 403
    token = reviewers.local_link(context)
    assert client_of(context).post(f"/sign-in/{token}", data={"called": "eve"}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [("evil.example", 421), ("", 421), ("localhost:8417", 200), ("[::1]:8417", 200), ("review.example", 200)],
)
def test_only_our_own_host_names_are_answered(context: Context, host: str, status: int) -> None:
    """A name bent to this address is refused; localhost, figures and the names given are answered."""
    stranger = client_of(context, hosts={"review.example"})
    assert stranger.get("/sign-in", headers={"host": host}).status_code == status


def test_every_answer_is_hardened(context: Context) -> None:
    """Policy and headers stand on pages, files, errors and refusals; the cookie is out of scripts' reach."""
    ada = local(context)
    for path in ("/", "/static/style.css", "/nonsense", "/reports/1"):
        headers = ada.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
    token = reviewers.local_link(context)
    answer = client_of(context, secure=True).post(f"/sign-in/{token}", data={"called": "ada"}, follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("httponly", "samesite=lax", "secure"))


def test_pages_carry_no_inline_script_or_style(context: Context) -> None:
    """No page has a script, a style or a handler of its own: the policy would stop it."""
    import re

    ada = local(context)
    for path in ("/", "/candidates", "/reports/1", "/studies", "/screener", "/people", "/runs", "/sources"):
        text = ada.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text), path
        assert not re.search(r'(?:src|href)="(?:https?:)?//(?!doi\.org|pubmed\.ncbi|pmc\.ncbi)', text), path


def test_guessing_is_slowed(context: Context) -> None:
    """After so many wrong links an address has to wait, even with a right one; the answer says how long."""
    stranger = client_of(context)
    for _ in range(TRIES):
        assert stranger.get("/sign-in/guess").status_code == 410
    answer = stranger.get(f"/sign-in/{reviewers.local_link(context)}")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= WITHIN_SECONDS + 1


def test_waiting_ends() -> None:
    """The limit counts per address and forgets after a while."""
    now = [0.0]
    limiter = Limiter(lambda: now[0])
    for _ in range(TRIES):
        limiter.note_failure("a")
    assert limiter.wait_seconds("a") > 0
    assert limiter.wait_seconds("b") == 0
    now[0] = WITHIN_SECONDS + 1
    assert limiter.wait_seconds("a") == 0


def test_it_does_not_listen_beyond_this_machine_without_sign_in(context: Context) -> None:
    """Beyond loopback it refuses to start before anybody can sign in, and says how to set somebody up."""
    with pytest.raises(ConfigurationError) as caught:
        serve(context, host="0.0.0.0", port=0, open_browser=False, say=lambda *_: None)
    assert "ivigil reviewers add" in (caught.value.hint or "")


def test_a_long_or_nameless_body_is_refused(context: Context) -> None:
    """A form that is too long is refused before it is read."""
    ada = local(context)
    assert ada.submit("/reports/1/decisions", value="include", note="x" * 1_100_000).status_code == 413
