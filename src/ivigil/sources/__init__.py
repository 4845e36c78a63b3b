"""Live sources: one folder each, all behind the `Source` protocol of `base`, all made by `registry`."""
