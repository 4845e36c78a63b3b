"""Works off the outbox: every delivery that is due is tried once."""
