"""Mail over encrypted connections and with a login: certificates are checked, passwords never shown."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from alert_makers import START, content
from ivigil.alerts import channels_from, render
from ivigil.errors import AlertError
from sinks import PASSWORD, MailSink

MESSAGE = render(content(), message_id="a1" * 16, raised_at=START)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody vouches for, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(START - timedelta(days=1))
        .not_valid_after(START + timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + built.public_bytes(serialization.Encoding.PEM))
    return file


def login(_server, _session, _envelope, _mechanism, given) -> AuthResult:
    right = isinstance(given, LoginPassword) and given.password == PASSWORD.encode()
    return AuthResult(success=right, handled=False)


@pytest.fixture
def serve(mail: MailSink, certificate: Path) -> Iterator[Callable[[str], None]]:
    """Serve the sink over plain SMTP, SSL or STARTTLS, each with a login."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    class Encrypted(Controller):
        mode = ""

        def factory(self) -> SMTP:
            starttls = self.mode == "starttls"
            return SMTP(
                self.handler,
                tls_context=context if starttls else None,
                require_starttls=starttls,
                authenticator=login,
                auth_required=starttls,
                auth_require_tls=starttls,
            )

    def start(mode: str) -> None:
        mail.stop()
        server = Encrypted(mail, hostname="127.0.0.1", port=mail.port, ssl_context=context if mode == "ssl" else None)
        server.mode = mode
        mail.server = server
        server.start()

    return start


def url(mail: MailSink, mode: str, password: str = PASSWORD, options: str = "") -> SecretStr:
    place = f"reviewer:{password}@127.0.0.1:{mail.port}/one@example.org"
    return SecretStr(f"mailto://{place}?from=ivigil@example.org&user=reviewer&mode={mode}{options}")


@pytest.mark.parametrize("mode", ["ssl", "starttls"])
def test_an_unknown_certificate_is_refused(mail, serve, mode: str) -> None:
    """A server whose certificate nobody vouches for is told nothing, unless the URL says not to check."""
    serve(mode)
    (channel,) = channels_from([url(mail, mode)])
    with pytest.raises(AlertError, match=r"(?i)certificate"):
        channel.send(MESSAGE)
    (channel,) = channels_from([url(mail, mode, options="&verify=no")])
    channel.send(MESSAGE)
    assert len(mail.received) == 1


def test_a_wrong_password_is_not_repeated(mail, serve) -> None:
    """A login that fails is the reason of the failure, without the password."""
    serve("starttls")
    (channel,) = channels_from([url(mail, "starttls", "wrong-but-secret", "&verify=no")])
    with pytest.raises(AlertError, match="535") as caught:
        channel.send(MESSAGE)
    assert "wrong-but-secret" not in str(caught.value)
    assert mail.received == []
