"""Declarations: what a user writes, as YAML or Python, and every mistake in it at once."""
