"""Use cases: what a night, a bootstrap, a decision or a look at the list does, for every face alike."""
