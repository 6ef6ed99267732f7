"""The Dagster skin: components, assets, checks, jobs, schedules and sensors around `sync.py`."""
