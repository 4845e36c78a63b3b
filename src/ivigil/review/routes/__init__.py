"""The pages, one module each."""

from ivigil.review.routes import (
    alerts,
    audit,
    candidates,
    conflicts,
    decisions,
    exports,
    links,
    living_report,
    mail_decision,
    people,
    report,
    runs,
    screener,
    sign_in,
    studies,
    today,
)

ROUTERS = tuple(
    module.router
    for module in (
        today, candidates, report, decisions, conflicts, studies, links, audit, screener, runs, alerts, people, exports,
        living_report, sign_in, mail_decision,
    )
)  # fmt: skip

__all__ = ["ROUTERS"]
