"""Reverse ETL from a warehouse to Segment's Tracking API, as Dagster assets."""
