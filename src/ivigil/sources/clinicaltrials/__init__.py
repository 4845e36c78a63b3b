"""ClinicalTrials.gov through its API, version 2."""

from ivigil.sources.clinicaltrials.api import ClinicalTrials
from ivigil.sources.clinicaltrials.parse import parse_studies, trial_state

__all__ = ["ClinicalTrials", "parse_studies", "trial_state"]
