"""The durable memory of each sync: what was planned, posted, accepted, rejected, and what is owed."""
