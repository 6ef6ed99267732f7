"""The durable memory of each sync: what was planned, posted, accepted and rejected."""
