"""What every page needs: the review at work, what signs, what is limited, and the one job that may run behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, cast

from fastapi import Depends, Request

from ivigil.review.jobs import Job
from ivigil.review.limits import Limiter
from ivigil.surveillance.context import Context
from ivigil.surveillance.signing import Signer, signer


@dataclass
class Desk:
    """One workspace being served."""

    context: Context
    hosts: frozenset[str] = frozenset()
    secure: bool = False
    attempts: Limiter = field(default_factory=Limiter)
    job: Job = field(default_factory=Job)

    @cached_property
    def cookies(self) -> Signer:
        """Signs session cookies."""
        return signer(self.context, "session")

    @cached_property
    def forms(self) -> Signer:
        """Signs what a form must bring back."""
        return signer(self.context, "form")


def desk_of(request: Request) -> Desk:
    """The desk that the request came to."""
    return cast("Desk", request.app.state.desk)


OurDesk = Annotated[Desk, Depends(desk_of)]
