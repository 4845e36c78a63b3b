"""A local stand-in for every live source over a corpus of its own: for mechanics, never for claims of quality."""

from ivigil.simulator.corpus import Label, Labels, written_corpus
from ivigil.simulator.server import Simulator

__all__ = ["Label", "Labels", "Simulator", "written_corpus"]
