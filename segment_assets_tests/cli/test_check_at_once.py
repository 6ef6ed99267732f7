"""One folder with every kind of mistake: all of them are told in one go."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segment_assets_tests.cli.people import one_document

Cli = Callable[..., Any]
_CASES = Path(__file__).parent / "cases"
_MORE = (
    "    - {name: more_%d, source: club/people, action: identify, fields: {user_id: $.person_id}}\n"
)


def test_mistakes_of_every_kind_are_told_at_once(
    cli: Cli, defs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Region, names, 51 mappings, columns, keys, tables, YAML: each with its place and remedy."""
    for path in defs.rglob("*.yaml"):
        path.unlink()
    text = (_CASES / "all_at_once.yaml").read_text()
    more = "".join(_MORE % number for number in range(46))
    (defs / "club" / "defs.yaml").write_text(text.replace("# 46 more\n", more))
    monkeypatch.chdir(defs / "club")
    answer = cli("check")

    assert answer.out.replace(str(defs), "DEFS") == (_CASES / "all_at_once.txt").read_text()
    assert (answer.code, answer.err) == (2, "")
    told = one_document(cli("check", "--json").out)
    assert told["mistakes"] == answer.out.splitlines()[: len(told["mistakes"])]
    assert len(told["warnings"]) == 2
