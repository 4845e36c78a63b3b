"""A browser without a screen: signs in, finds the token that forms must bring back, and sends forms."""

from __future__ import annotations

import re
from typing import Any

from starlette.testclient import TestClient

from ivigil.review import create_app
from ivigil.surveillance.context import Context
from ivigil.surveillance.reviewers import Role, add_reviewer, local_link


class Client(TestClient):
    """A client whose forms are ours."""

    form_token = ""

    def enter(self, token: str, **fields: str) -> Client:
        answer = self.post(f"/sign-in/{token}", data=fields)
        assert answer.status_code == 200, answer.text
        self.form_token = re.search(r'name="form_token" value="([^"]+)"', answer.text)[1]
        return self

    def submit(self, path: str, *, as_json: bool = False, **fields: Any) -> Any:
        headers = {"accept": "application/json"} if as_json else {}
        return self.post(path, data={"form_token": self.form_token, **fields}, headers=headers, follow_redirects=False)


def client_of(context: Context, **options: Any) -> Client:
    """Somebody who has not signed in."""
    return Client(create_app(context, **options), base_url="http://127.0.0.1:8417", raise_server_exceptions=False)


def local(context: Context, name: str = "ada") -> Client:
    """Whoever sits at the machine, signed in by the one-time link."""
    return client_of(context).enter(local_link(context), called=name)


def named(context: Context, name: str, role: Role) -> Client:
    """A reviewer who was set up, signed in."""
    return client_of(context).enter(add_reviewer(context, name, role))
