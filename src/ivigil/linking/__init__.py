"""Linking: which records are one report, which reports one study, and why. Pure; compares what shares a key."""

from ivigil.linking.cluster import Clusters, Linker, cluster, components
from ivigil.linking.compare import compare
from ivigil.linking.keys import keys
from ivigil.linking.links import Link

__all__ = ["Clusters", "Link", "Linker", "cluster", "compare", "components", "keys"]
