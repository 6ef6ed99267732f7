"""The names that Dagster sees: asset keys, jobs, pools and resources. They are permanent history.

A graph node shows only the last part of its asset key, so a plan's last part ends in `_plan`.
"""

import dagster as dg


def model_key(key: str) -> dg.AssetKey:
    """Return a model's asset key, exactly as the user wrote it (`shop/customers`)."""
    return dg.AssetKey.from_user_string(key)


def plan_key(destination: str, mapping: str) -> dg.AssetKey:
    """Return the key of the asset that makes the plan of one mapping."""
    return dg.AssetKey(["plan", destination, f"{mapping}_plan"])


def sync_key(destination: str, mapping: str) -> dg.AssetKey:
    """Return the key of the asset that delivers the plan of one mapping."""
    return dg.AssetKey(["segment_sync", destination, mapping])


def sync_job_name(destination: str, mapping: str) -> str:
    """Name the job that plans and delivers one mapping."""
    return f"{destination}__{mapping}"


def plan_job_name(destination: str, mapping: str) -> str:
    """Name the job that plans one mapping and sends nothing."""
    return f"{destination}__{mapping}__plan"


def all_job_name(destination: str) -> str:
    """Name the job that plans and delivers every mapping of a destination."""
    return f"{destination}__all"


def resource_key(destination: str) -> str:
    """Name the resource that holds a destination's write key."""
    return f"segment_{destination}"


def pool_name(destination: str) -> str:
    """Name the pool that keeps two deliveries to one destination apart: one rate budget."""
    return f"segment_{destination}"
