"""The reviewing workspace in the browser: pages over the same use cases as the command line."""

from ivigil.review.app import create_app
from ivigil.review.server import serve

__all__ = ["create_app", "serve"]
