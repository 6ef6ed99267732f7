"""What changed, which calls that makes, and whether a gate stops them."""
