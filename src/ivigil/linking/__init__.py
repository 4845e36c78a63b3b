"""Linking: which records are one report, which reports one study, and why. Pure; compares what shares a key."""

from ivigil.linking.cluster import Clusters, Linker, cluster
from ivigil.linking.compare import compare, decide
from ivigil.linking.grouping import components, connected, grouped, joined_but
from ivigil.linking.keys import keys, prepared_keys
from ivigil.linking.links import Link
from ivigil.linking.prepared import Prepared, prepare

__all__ = [
    "Clusters",
    "Link",
    "Linker",
    "Prepared",
    "cluster",
    "compare",
    "components",
    "connected",
    "decide",
    "grouped",
    "joined_but",
    "keys",
    "prepare",
    "prepared_keys",
]
