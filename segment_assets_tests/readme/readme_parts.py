"""The README's generated parts: tables from code, outputs from commands that are really run."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
README = ROOT / "README.md"
COMMAND = Path(sys.executable).parent / "segment-assets"


def code_table() -> str:
    """Return the table of reason codes."""
    from segment_assets.codes import CODES

    scopes = {"row": "rejects the row", "warning": "row is sent", "run": "stops the run"}
    lines = ["| Code | Meaning | Effect | Who acts | What mends it |", "|---|---|---|---|---|"]
    lines += [
        f"| `{code.name}` | {code.meaning} | {scopes[code.scope]} | {code.actor} | {code.remedy} |"
        for code in CODES.values()
    ]
    return "\n".join(lines)


def field_table() -> str:
    """Return the table of fields."""
    from segment_assets.declare.field_docs import field_table_markdown

    return field_table_markdown().strip()


def fenced(text: str, mark: str) -> str:
    """Return the content of the fenced block after a mark."""
    found = re.search(rf"<!-- {re.escape(mark)} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert found is not None, mark
    return found[1]


def with_fenced(text: str, mark: str, content: str) -> str:
    """Return the README with the content of a fenced block replaced."""
    pattern = rf"(<!-- {re.escape(mark)} -->\n```\w+\n).*?```"
    return re.sub(pattern, lambda found: f"{found[1]}{content}```", text, flags=re.DOTALL)


def with_table(text: str, mark: str, table: str) -> str:
    """Return the README with a generated table replaced."""
    pattern = rf"(<!-- {mark} -->\n).*?(<!-- end -->)"
    return re.sub(pattern, lambda found: f"{found[1]}{table}\n{found[2]}", text, flags=re.DOTALL)


def run(arguments: list[str], folder: Path) -> str:
    """Run `segment-assets` in a folder, as a user without a terminal, and return what it prints."""
    environment = {key: value for key, value in os.environ.items() if "SEGMENT" not in key}
    environment.pop("DAGSTER_HOME", None)
    done = subprocess.run(
        [COMMAND, *arguments],
        cwd=folder,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_mapping_output(folder: Path) -> str:
    """Make the README's example in a folder and return its command with the output."""
    import duckdb

    text = README.read_text(encoding="utf-8")
    (folder / "defs.yaml").write_text(fenced(text, "example: defs.yaml"), encoding="utf-8")
    with duckdb.connect(str(folder / "crm.duckdb")) as connection:
        connection.execute(fenced(text, "example: table"))
    command = fenced(text, "example: test-mapping").splitlines()[0]
    return f"{command}\n{run(command.removeprefix('$ segment-assets ').split(), folder)}"


def demo_output(folder: Path) -> str:
    """Run the demo in a folder and return it without the call's JSON, times or ports."""
    return shorten(run(["demo"], folder))


def shorten(output: str) -> str:
    """Leave out the call's JSON and what differs between runs: folders, ports, rates."""
    output = re.sub(r"\nOne of the calls.*?\n}\n", "\n", output, flags=re.DOTALL)
    output = re.sub(r"/\S*(?=\.segment_assets/demo)", "", output)
    output = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", output)
    return re.sub(r", [\d,]+ calls/s", ", RATE calls/s", output).strip() + "\n"
