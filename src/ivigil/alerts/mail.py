"""One e-mail to one mailbox over SMTP.

Apprise reads the mailto URL; the message is sent here, because Apprise derives the plain text from the HTML, which
loses every link, and gives each try a Message-ID of its own, by which a repeated one could not be recognised.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate
from typing import Any, Self

from ivigil.alerts.render import Message
from ivigil.errors import AlertError


@dataclass(frozen=True)
class Mailbox:
    """A recipient, and the server and account that mail to it is sent by."""

    recipient: str
    sender: str
    sender_name: str
    host: str
    port: int
    mode: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    verify: bool = True
    timeout: float = 15.0
    recipient_name: str = ""
    reply_to: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, plugin: Any) -> list[Self]:
        """One mailbox for each recipient of an Apprise e-mail URL, copies included."""
        people = {address: name or "" for name, address in plugin.targets}
        for address in [*sorted(plugin.cc), *sorted(plugin.bcc)]:
            people.setdefault(address, plugin.names.get(address) or "")
        return [
            cls(
                recipient=address,
                recipient_name=name,
                sender=plugin.from_addr[1],
                sender_name=plugin.from_addr[0] or "ivigil",
                host=plugin.smtp_host,
                port=int(plugin.port),
                mode=str(plugin.secure_mode),
                user=plugin.user,
                password=plugin.password,
                verify=plugin.verify_certificate,
                timeout=plugin.socket_connect_timeout,
                reply_to=tuple(sorted(plugin.reply_to)),
                headers=tuple(plugin.headers.items()),
            )
            for address, name in people.items()
        ]


def send_mail(mailbox: Mailbox, message: Message, channel_hash: str) -> None:
    """Hand one message to the mail server.

    Raises:
        AlertError: it was not taken; the reason is the server's own.
    """
    mail = compose(mailbox, message, channel_hash)
    try:
        client = _connect(mailbox)
        try:
            client.send_message(mail, mailbox.sender, [mailbox.recipient])
            # Taken is taken: a farewell that goes wrong must not have the message sent again.
            with suppress(OSError, smtplib.SMTPException):
                client.quit()
        finally:
            client.close()
    except (OSError, smtplib.SMTPException) as error:
        raise AlertError(f"{mailbox.host}:{mailbox.port}: {_reason(error)}") from None


def compose(mailbox: Mailbox, message: Message, channel_hash: str) -> EmailMessage:
    """The message as e-mail; a repeated try has the same Message-ID, so that mail programs show it once.

    What is told of a study later refers to what was told before, so that they stand together. Nothing tracks.
    """
    domain = mailbox.sender.rpartition("@")[2]
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    mail["Subject"] = message.subject
    mail["From"] = formataddr((mailbox.sender_name, mailbox.sender))
    mail["To"] = formataddr((mailbox.recipient_name, mailbox.recipient))
    mail["Date"] = formatdate()  # of this try, in real time: an old date is taken for spam
    mail["Message-ID"] = f"<{message.id}.{channel_hash}@{domain}>"
    if message.replies_to:
        mail["In-Reply-To"] = mail["References"] = f"<{message.replies_to}.{channel_hash}@{domain}>"
    mail["List-Id"] = f"<{re.sub(r'[^a-z0-9-]+', '-', message.protocol.name.lower())}.ivigil.{domain}>"
    mail["X-Ivigil-Alert"] = message.id
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if mailbox.reply_to:
        mail["Reply-To"] = ", ".join(mailbox.reply_to)
    for name, value in mailbox.headers:
        mail[name] = value
    if message.urgent:
        mail["Importance"] = "high"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail


def _connect(mailbox: Mailbox) -> smtplib.SMTP:
    server = (mailbox.host, mailbox.port)
    if mailbox.mode == "ssl":
        client: smtplib.SMTP = smtplib.SMTP_SSL(*server, timeout=mailbox.timeout, context=_tls(mailbox))
    else:
        client = smtplib.SMTP(*server, timeout=mailbox.timeout)
    try:
        if mailbox.mode == "starttls":
            client.starttls(context=_tls(mailbox))
        if mailbox.user and mailbox.password:
            client.login(mailbox.user, mailbox.password)
    except BaseException:
        client.close()
        raise
    return client


def _tls(mailbox: Mailbox) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not mailbox.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"recipient refused: {_answer(*next(iter(error.recipients.values())))}"
    if isinstance(error, smtplib.SMTPResponseException):
        return _answer(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"


def _answer(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
