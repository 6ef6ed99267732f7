"""Write the README's generated parts anew: `python segment_assets_tests/readme/rewrite.py`."""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import readme_parts as parts


def main() -> None:
    """Run the README's commands and put their outputs and the tables in."""
    text = parts.README.read_text(encoding="utf-8")
    text = parts.with_table(text, "codes", parts.code_table())
    text = parts.with_table(text, "fields", parts.field_table())
    with tempfile.TemporaryDirectory() as folder:
        text = parts.with_fenced(
            text, "example: test-mapping", parts.test_mapping_output(Path(folder))
        )
    with tempfile.TemporaryDirectory() as folder:
        text = parts.with_fenced(text, "demo", parts.demo_output(Path(folder)))
    parts.README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
