"""Linking: which records are one report, which reports one study, and why. Pure; compares what shares a key."""

from ivigil.linking.cluster import Clusters, cluster, components
from ivigil.linking.compare import compare, keys
from ivigil.linking.links import Link

__all__ = ["Clusters", "Link", "cluster", "compare", "components", "keys"]
