"""Serves the workspace on an address, and refuses one that anybody could reach before sign-in is set up."""

from __future__ import annotations

import ipaddress
import socket
import threading
import webbrowser
from collections.abc import Callable
from urllib.parse import urlsplit

import uvicorn

from ivigil.errors import ConfigurationError
from ivigil.review.app import create_app
from ivigil.surveillance.context import Context
from ivigil.surveillance.reviewers import has_reviewers, local_link

HIGHEST_PORT = 65535


def serve(context: Context, *, host: str, port: int, open_browser: bool, say: Callable[[str, str], None]) -> None:
    """Serve until stopped. `say` is told how to get in: a sentence, and an address (empty where there is none).

    Raises:
        ConfigurationError: nobody could be kept out at this address, or it cannot be listened on.
    """
    named = has_reviewers(context)
    if not is_loopback(host) and not named:
        raise ConfigurationError(
            f"{host} can be reached by others, and nobody has been set up to sign in",
            field="--host",
            hint="ivigil reviewers add NAME --role admin   prints a sign-in link; then start ivigil review again",
        )
    listener = _listen(host, port)
    address = f"http://{_shown(host)}:{listener.getsockname()[1]}"
    public = context.settings.public_url
    hosts = {host, *([urlsplit(public).hostname or ""] if public else [])} - {""}
    app = create_app(context, hosts=hosts, secure=bool(public and public.startswith("https://")))
    if named:
        say("Reviewers sign in by their own links (ivigil reviewers link NAME).", public or address)
        entry = address
    else:
        entry = f"{address}/sign-in/{local_link(context)}"
        say("Open this link once, on this machine; it signs you in.", entry)
    server = uvicorn.Server(
        uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, date_header=True, lifespan="off"
        )
    )
    if open_browser:
        threading.Timer(0.5, webbrowser.open, [entry]).start()
    server.run(sockets=[listener])


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= HIGHEST_PORT:
        raise ConfigurationError(f"{port} is not a port", field="--port")
    bare = host.strip("[]")
    listener = socket.socket(socket.AF_INET6 if ":" in bare else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((bare, port))
    except (OSError, UnicodeError) as error:
        listener.close()
        why = error.strerror if isinstance(error, OSError) else "is not a host name"
        raise ConfigurationError(
            f"cannot listen on {host}:{port}: {why}",
            field="--port",
            hint="choose another with --port, or 0 for any free one",
        ) from None
    return listener


def _shown(host: str) -> str:
    bare = host.strip("[]")
    return f"[{bare}]" if ":" in bare else bare
