"""ivigil keeps a systematic review alive: it searches, links, ranks, assesses and alerts every night."""

import logging

# A library speaks only where somebody listens; the command line opens a log file.
logging.getLogger(__name__).addHandler(logging.NullHandler())

__version__ = "0.2.0"
