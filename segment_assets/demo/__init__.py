"""The sample shop: a DuckDB file with dirty rows in it, and declarations that send it."""
