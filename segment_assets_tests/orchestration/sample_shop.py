"""A small project for the tests of the Dagster layer: two models, one destination."""

from pathlib import Path

import duckdb

WRITE_KEY = "wk+Sample=OfTheDagsterTests"

WAREHOUSE = """\
type: segment_assets.Warehouse
attributes:
  name: shop
  engine: duckdb
  database: shop.duckdb
  models:
    - {key: shop/customers, table: main.customers, primary_key: customer_id}
    - {key: shop/orders, query: "select * from main.orders", primary_key: order_id}
"""

DESTINATION = """\
type: segment_assets.SegmentDestination
attributes:
  name: production
  write_key_env: ORCHESTRATION_WRITE_KEY
  endpoint_env: ORCHESTRATION_ENDPOINT
  mappings:
    - name: customers_identify
      source: shop/customers
      action: identify
      description: Everyone who has an account.
      owners: [team:growth]
      tags: {tier: gold}
      schedule: {every: 1h}
      enabled: true
      fields:
        user_id: $.customer_id
        traits:
          email: $.email
          greeting: {"@template": "Hello {{name}}"}
          plan: $.plan
          source: on
        device: {id: $.customer_id}
    - name: orders_track
      source: shop/orders
      action: track
      schedule: {after: [shop/orders, shop/customers]}
      gates: {max_calls: 1}
      fields:
        user_id: $.customer_id
        event_name: Order Completed
        properties: {order_id: $.order_id, total: $.total}
"""

_TABLES = """
create table customers as select * from (values
    ('c1', 'ada@example.com', 'Ada', 'pro'),
    ('c2', 'bob@example.com', 'Bob', 'free'),
    ('c3', 'eve@example.com', 'Eve', 'free')) as t(customer_id, email, name, plan);
create table orders as select * from (values
    ('o1', 'c1', 12.5), ('o2', 'c2', 3.0)) as t(order_id, customer_id, total);
"""


def write_project(folder: Path) -> Path:
    """Write declarations and database below `folder`; return the folder of declarations."""
    defs = folder / "defs"
    for name, text in (("shop", WAREHOUSE), ("production", DESTINATION)):
        (defs / name).mkdir(parents=True)
        (defs / name / "defs.yaml").write_text(text)
    with duckdb.connect(str(defs / "shop" / "shop.duckdb")) as connection:
        connection.execute(_TABLES)
    return defs
