"""A project on the CDNOW master data set: orders of 23,570 real customers of 1997 and 1998.

The data set is public (it is shipped in the `lifetimes` package) but not part of this repository:
`sample_csv` makes a small file of the same shape for when it isn't at hand.
"""

import gzip
import json
from pathlib import Path
from string import Template
from typing import Final

import duckdb

#: Orders and customers that `sample_csv` writes.
SAMPLE_ORDERS: Final = 601
SAMPLE_CUSTOMERS: Final = 200

_TABLE: Final = """
create table orders as
from read_csv($csv, header = true, columns = {
    'order_id': 'VARCHAR',
    'customer_id': 'VARCHAR',
    'order_date': 'DATE',
    'quantity': 'INTEGER',
    'amount': 'DECIMAL(10, 2)'
})
"""

_WAREHOUSE: Final = """\
type: segment_assets.Warehouse
attributes:
  name: cdnow
  engine: duckdb
  database: ../../cdnow.duckdb
  models:
    - key: cdnow/customers
      query: |
        select
          customer_id,
          count(*) as order_count,
          sum(amount)::DECIMAL(12, 2) as total_amount,
          min(order_date) as first_order_on,
          max(order_date) as last_order_on
        from main.orders
        group by customer_id
      primary_key: customer_id
    - key: cdnow/orders
      table: main.orders
      primary_key: order_id
"""

_DESTINATION: Final = Template("""\
type: segment_assets.SegmentDestination
attributes:
  name: music
  write_key_env: SEGMENT_WRITE_KEY
  endpoint: $endpoint
  mappings:
    - name: customers_identify
      source: cdnow/customers
      action: identify
      fields:
        user_id: $$.customer_id
        timestamp: $$.last_order_on
        traits:
          order_count: $$.order_count
          total_amount: $$.total_amount
          first_order_on: $$.first_order_on
          last_order_on: $$.last_order_on
    - name: orders_track
      source: cdnow/orders
      action: track
      fields:
        event_name: Order Completed
        user_id: $$.customer_id
        timestamp: $$.order_date
        properties:
          order_id: $$.order_id
          revenue: $$.amount
          quantity: $$.quantity
          currency: USD
""")


def build(csv: Path, folder: Path, endpoint: str) -> Path:
    """Make `cdnow.duckdb` of a csv.gz in `folder`, declare it, and return the defs folder.

    `customer_id` stays text: its leading zeros are part of it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "cdnow.duckdb"
    database.unlink(missing_ok=True)
    with duckdb.connect(database) as connection:
        connection.execute(_TABLE, {"csv": str(csv)})
    destination = _DESTINATION.substitute(endpoint=json.dumps(endpoint))
    for name, text in (("cdnow", _WAREHOUSE), ("music", destination)):
        path = folder / "defs" / name / "defs.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "defs"


def sample_csv(path: Path) -> None:
    """Write a csv.gz of the data set's shape: same columns, few rows, always the same bytes."""
    lines = ["order_id,customer_id,order_date,quantity,amount"]
    for customer in range(1, SAMPLE_CUSTOMERS + 1):
        # As in the data set, one customer in four comes back often and the others hardly.
        for order in range(1 + (customer % 3) + (4 if customer % 4 == 0 else 0)):
            month = (customer * 5 + order * 2) % 18
            day = 1 + (customer * 7 + order * 11) % 28
            quantity = 1 + (customer + order) % 6
            cents = quantity * (977 + (customer * 131 + order * 37) % 1500)
            lines.append(
                f"o{len(lines):06},{customer:05},{1997 + month // 12}-{1 + month % 12:02}-{day:02},"
                f"{quantity},{cents // 100}.{cents % 100:02}"
            )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0))
