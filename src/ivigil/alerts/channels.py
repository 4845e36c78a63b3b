"""Where alerts go: the Apprise URLs of the settings, each made into channels that reach one recipient.

One recipient a channel, because a try that reached one of two would tell the first again when it is repeated. What a
channel shows of itself holds no secret: neither its name, nor its hash, nor the errors it raises.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote_plus

from apprise import Apprise, AppriseAsset, NotifyFormat, NotifyType
from pydantic import SecretStr

from ivigil.alerts.mail import Mailbox, send_mail
from ivigil.alerts.render import Message
from ivigil.alerts.text import plain
from ivigil.errors import AlertError, ConfigurationError
from ivigil.sources.redact import RedactingFilter, Redactor
from ivigil.store.outbox import ChannelName

with warnings.catch_warnings():
    # Its PGP helper asks for a module that Python 3.13 drops, and has its own where that is gone.
    warnings.filterwarnings("ignore", "'imghdr' is deprecated", DeprecationWarning)
    from apprise.plugins.email.base import PGP_MODE_DEFAULT, NotifyEmail

SETTING = "IVIGIL_NOTIFY"
SEND_SECONDS = 60.0
LONGEST_REASON = 300
SHORTEST_SECRET = 6
HOST = r"localhost|[a-z0-9_-]+(?:\.[a-z0-9_-]+)+|\[?[0-9a-f]*:[0-9a-f:.]+\]?"
# How a message is sent, not where to: Apprise's options that every service has.
OPTIONS = frozenset(
    {"cto", "emojis", "format", "optional", "overflow", "redirect", "retry", "rto", "store", "tz", "verify", "wait"}
)
# Plugins that post a JSON object of their own and let more entries be added to it.
DOCUMENT_SCHEMES = frozenset({"json", "jsons"})
# What logs whole addresses while a message is sent.
TALKATIVE = ("apprise", "urllib3.connectionpool", "requests_oauthlib")
TYPES = {"good": NotifyType.SUCCESS, "bad": NotifyType.FAILURE, "open": NotifyType.WARNING, "calm": NotifyType.INFO}


class Channel(Protocol):
    """One way to one recipient. `send` returns when the other side has taken the message."""

    @property
    def name(self) -> str:
        """What people see; no secret."""

    @property
    def hash(self) -> str:
        """What the store knows the channel by; the same after a password changes."""

    def send(self, message: Message) -> None:
        """Send, or raise AlertError with a reason that holds no secret."""


@dataclass(frozen=True)
class MailChannel:
    """One mailbox, sent to over SMTP with our own text beside the HTML and an id that mail programs fold repeats by."""

    name: str
    hash: str
    mailbox: Mailbox = field(repr=False)
    redactor: Redactor = field(repr=False)
    seconds: float = SEND_SECONDS

    def send(self, message: Message) -> None:
        """Hand the message to the mail server."""
        deliver_within(self.seconds, lambda: send_mail(self.mailbox, message, self.hash), self.redactor)


@dataclass(frozen=True)
class AppriseChannel:
    """Whatever else Apprise can reach: webhooks, chat, push."""

    name: str
    hash: str
    plugin: Any = field(repr=False)
    redactor: Redactor = field(repr=False)
    seconds: float = SEND_SECONDS

    def send(self, message: Message) -> None:
        """Hand the message to Apprise, in the form that suits the service."""
        deliver_within(self.seconds, lambda: self._send(message), self.redactor)

    def _send(self, message: Message) -> None:
        plugin = self.plugin
        if plugin.schema in DOCUMENT_SCHEMES:
            plugin.payload_extras["alert"] = message.document
            plugin.headers["Idempotency-Key"] = f"{message.id}.{self.hash}"
            body, body_format = message.text, NotifyFormat.TEXT
        elif isinstance(plugin, NotifyEmail):
            body, body_format = message.html, NotifyFormat.HTML
        elif plugin.notify_format == NotifyFormat.TEXT:
            body, body_format = message.chat_text, NotifyFormat.TEXT
        else:
            # From HTML Apprise makes each service's own dialect, and escapes what would be markup there.
            body, body_format = message.chat_html, NotifyFormat.HTML
        carrier = Apprise(asset=_asset())
        carrier.add(plugin)
        with _overheard() as said:
            taken = carrier.notify(
                body=body, title=message.subject, notify_type=TYPES[message.tone], body_format=body_format
            )
        if not taken:
            raise AlertError(" ".join(said) or "the service did not take the message")


def channels_from(
    urls: Sequence[SecretStr], *, seconds: float = SEND_SECONDS, place: str | None = None
) -> list[MailChannel | AppriseChannel]:
    """The channels of these Apprise URLs, in order; a recipient named twice is one channel.

    Args:
        urls: the Apprise URLs.
        seconds: how long one try may take.
        place: where they are set, for what is said of a bad one; by default the setting's name and a number.

    Raises:
        ConfigurationError: a URL is not one that Apprise takes, or reaches several recipients in one message.
    """
    found: dict[str, MailChannel | AppriseChannel] = {}
    for position, secret in enumerate(urls, start=1):
        for channel in _channels_of(place or f"{SETTING} entry {position}", secret, seconds):
            found.setdefault(channel.hash, channel)
    return list(found.values())


def names_of(channels: Sequence[Channel]) -> list[ChannelName]:
    """The channels as the store knows them."""
    return [ChannelName(channel.name, channel.hash) for channel in channels]


def deliver_within(seconds: float, work: Callable[[], None], redactor: Redactor) -> None:
    """Run `work` for at most so long, with no secret in what it logs or raises.

    A timeout on each read does not end an answer that drips byte by byte; a thread that is left behind does.

    Raises:
        AlertError: it failed, or did not end in time.
    """
    outcome: list[BaseException | None] = []

    def run() -> None:
        try:
            with _without_secrets(redactor):
                work()
        except BaseException as error:  # noqa: BLE001 - handed to the caller's thread, which raises it
            outcome.append(error)
        else:
            outcome.append(None)

    thread = threading.Thread(target=run, name="ivigil-delivery", daemon=True)
    thread.start()
    thread.join(seconds)
    if not outcome:
        raise AlertError(f"no answer within {seconds:g} seconds")
    if outcome[0] is not None:
        if not isinstance(outcome[0], Exception):
            raise outcome[0]
        reason = plain(redactor.text(str(outcome[0])), LONGEST_REASON) or type(outcome[0]).__name__
        if isinstance(outcome[0], AlertError):
            raise AlertError(reason) from None
        raise AlertError(f"{type(outcome[0]).__name__}: {reason}") from None


def _channels_of(place: str, secret: SecretStr, seconds: float) -> Iterator[MailChannel | AppriseChannel]:
    url = secret.get_secret_value()
    scheme = _scheme(url)
    plugin = _plugin(url)
    if plugin is None:
        hint = "see the Apprise documentation for this service's URL"
        if scheme == "msteams":
            hint = "Microsoft Teams is reached by a workflow: workflows://host/workflow/signature"
        raise ConfigurationError(f"the {scheme or 'unnamed'} URL is not one that Apprise takes", field=place, hint=hint)
    # Our own record of what was delivered decides on another try, not options of the URL.
    plugin.retry, plugin.optional = 0, False
    redactor = Redactor(_secrets(url, plugin))
    if isinstance(plugin, NotifyEmail) and plugin.pgp_mode == PGP_MODE_DEFAULT:
        for mailbox in Mailbox.of(plugin):
            yield MailChannel(
                name=plain(f"mailto:{mailbox.recipient}", 200),
                hash=_digest(f"mailto:{mailbox.recipient.lower()}"),
                mailbox=mailbox,
                redactor=redactor,
                seconds=seconds,
            )
        return
    if len(plugin) > 1:
        raise ConfigurationError(
            f"the {scheme} URL reaches {len(plugin)} recipients",
            field=place,
            hint="give one URL for each, so that a repeated try reaches only those that were missed",
        )
    digest = _digest(_identity(url))
    yield AppriseChannel(_shown(scheme, plugin, digest), digest, plugin, redactor, seconds)


def _asset() -> AppriseAsset:
    return AppriseAsset(app_id="ivigil", app_desc="ivigil", app_url="", secure_logging=True)


def _plugin(url: str) -> Any:
    with _silenced():
        return Apprise.instantiate(url, asset=_asset())


def _scheme(url: str) -> str:
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]{0,20}):", url.strip())
    return found[1].lower() if found else ""


def _shown(scheme: str, plugin: Any, digest: str) -> str:
    """Scheme and host; where the host's place holds a token, a mark that tells two such channels apart."""
    host = _public_host(plugin)
    port = f":{plugin.port}" if plugin.port else ""
    return plain(f"{scheme}://{host}{port}", 200) if host else f"{scheme}://({digest[:4]})"


def _public_host(plugin: Any) -> str | None:
    """The host, where the service has one in its URL and it looks like one: a token or topic may stand in its place."""
    host = str(plugin.host or "")
    return host if "host" in plugin.template_tokens and re.fullmatch(HOST, host, re.IGNORECASE) else None


def _identity(url: str) -> str:
    """The URL without password, headers and options: a channel stays the same channel when those change."""
    scheme, _, rest = url.strip().partition("://")
    place, _, query = rest.partition("?")
    account, at, where = place.rstrip("/").rpartition("@")
    kept = sorted(
        part for part in query.split("&") if part and not re.match(r"\+|%2B", part) and _option(part) not in OPTIONS
    )
    return f"{scheme.lower()}://{account.partition(':')[0]}{at}{where}?{'&'.join(kept)}"


def _option(part: str) -> str:
    return part.partition("=")[0].lower()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _secrets(url: str, plugin: Any) -> list[str]:
    """Every part of a URL that may be a secret; of a mail URL, whose names are addresses, only the password."""
    parts = [url, str(plugin.password or "")]
    if not isinstance(plugin, NotifyEmail):
        place, _, query = url.partition("://")[2].partition("?")
        pieces = [*re.split(r"[/@:]", place), *(part.partition("=")[2] for part in query.split("&"))]
        parts += [piece for piece in pieces if len(piece) >= SHORTEST_SECRET and piece != _public_host(plugin)]
    return [spelling for part in parts if part for spelling in (part, unquote_plus(part))]


@contextmanager
def _without_secrets(redactor: Redactor) -> Iterator[None]:
    redacting = RedactingFilter(redactor)

    def clean(record: logging.LogRecord) -> bool:
        record.exc_info = None  # a trace may show the whole URL; what failed is raised to the caller
        return redacting.filter(record)

    loggers = [logging.getLogger(name) for name in TALKATIVE]
    for logger in loggers:
        logger.addFilter(clean)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeFilter(clean)


@contextmanager
def _silenced() -> Iterator[None]:
    """Apprise logs a URL it cannot read; we say which entry it is instead."""
    quiet = threading.get_ident()

    def mute(record: logging.LogRecord) -> bool:
        return record.thread != quiet

    logger = logging.getLogger("apprise")
    logger.addFilter(mute)
    try:
        yield
    finally:
        logger.removeFilter(mute)


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """What Apprise logs on this thread meanwhile: it returns no reason, only says one."""
    said: list[str] = []
    mine = threading.get_ident()

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == mine:
                said.append(record.getMessage())

    logger, ear = logging.getLogger("apprise"), Ear(logging.WARNING)
    logger.addHandler(ear)
    try:
        yield said
    finally:
        logger.removeHandler(ear)
