"""One sign of life to a monitor outside, which raises the alarm when none comes: nobody here is left to do so."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

import requests
from pydantic import SecretStr

from ivigil.alerts.channels import SHORTEST_SECRET, deliver_within
from ivigil.errors import AlertError
from ivigil.sources.redact import Redactor

log = logging.getLogger(__name__)

SECONDS = 20.0
FAIL = "/fail"


def beat(url: SecretStr, *, failed: bool = False) -> bool:
    """Ask for the monitor's address, with /fail at its end where a night was not complete; whether it was taken.

    Never raises: a monitor that cannot be reached is no reason for a night to fail. The log says why, without the
    address, which is a secret.
    """
    address = url.get_secret_value() + (FAIL if failed else "")
    parts = urlsplit(address)
    secrets = [address, *(part for part in [*parts.path.split("/"), parts.query] if len(part) >= SHORTEST_SECRET)]

    def ask() -> None:
        answer = requests.get(address, timeout=SECONDS / 2, allow_redirects=False)
        if not answer.ok:
            raise AlertError(f"answered {answer.status_code}")

    try:
        deliver_within(SECONDS, ask, Redactor(secrets))
    except AlertError as failure:
        log.warning("no heartbeat: %s", failure, extra={"monitor": parts.hostname})
        return False
    log.info("heartbeat", extra={"monitor": parts.hostname, "failed": failed})
    return True
