"""What the simulator serves: a corpus written for this project, or a folder of real PubMed XML."""

from ivigil.simulator.corpus.folder import load_folder
from ivigil.simulator.corpus.labels import Label, Labels
from ivigil.simulator.corpus.written import WrittenCorpus, written_corpus

__all__ = ["Label", "Labels", "WrittenCorpus", "load_folder", "written_corpus"]
