"""Print pip constraints that hold each direct dependency at its lowest pin in pyproject.toml."""

import re
import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
requirements = [*project["dependencies"], *project["optional-dependencies"]["test"]]
for requirement in requirements:
    found = re.match(r"([A-Za-z0-9_.-]+)(?:\[.*?\])?>=([0-9.]+)", requirement)
    if found is None:
        sys.exit(f"no lowest pin in {requirement!r}")
    sys.stdout.write(f"{found[1]}=={found[2]}\n")
