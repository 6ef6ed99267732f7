"""Objects of known fields, made as fast as a person's own `{"a": a, "b": b}` makes them."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

#: One object per row out of one column per name, all of the same length.
MakeObjects = Callable[[Sequence[Sequence[Any]]], list[Any]]


@lru_cache(maxsize=512)
def object_maker(names: tuple[str, ...]) -> MakeObjects:
    """Compile `[{"a": v0, "b": v1} for v0, v1 in zip(*columns)]` for at least one name.

    It is twice as fast as `dict(zip(names, values))`, because the keys are a constant. The names
    are the only thing put into the source, as literals of exactly `str`.
    """
    variables = [f"v{place}" for place in range(len(names))]
    fields = ", ".join(
        f"{str.__repr__(name)}: {variable}" for name, variable in zip(names, variables, strict=True)
    )
    source = (
        f"lambda columns: [{{{fields}}} for {', '.join(variables)}, in zip(*columns, strict=True)]"
    )
    made: MakeObjects = eval(source, {"__builtins__": {"zip": zip}})  # noqa: S307 - see above
    return made
