"""A local stand-in for PubMed and Europe PMC: same wire, a corpus written for this project. For mechanics, never for quality."""

from ivigil.simulator.corpus import Label, Labels, written_corpus
from ivigil.simulator.server import Simulator

__all__ = ["Label", "Labels", "Simulator", "written_corpus"]
