"""Triggers made at random: conditions of the language, and about a third with a slip in them."""

import random
import string
from typing import Final

_FIELDS: Final = (
    "type", "event", "properties.txt", "properties.amount", "properties.big", "properties.doc.sku",
    "properties.items", "properties.score", "uid", "flag", r"odd\ name", "messageId", "nope.at.all",
    "properties.at", "properties.bytes", "properties.either",
)  # fmt: skip
_VALUES: Final = (
    '"user-1"', "'u*'", "5", "-1.5", "0", "true", "false", "null", '""', "'Ünï'", "[1, 'a', null]",
    "9007199254740993", "[]", "3.0",
)  # fmt: skip
_OPERATORS: Final = ("=", "!=", "<", "<=", ">", ">=", "in")
_GLOBS: Final = ("'user-*'", "'*1?'", "'[a-c]*'", "'[^u]*'", r"'\*'", "'**********x'", "'['")
_NOISE: Final = ("(", ")", "[", "]", ",", "!", "and", "or", "not", '"', "'", "\\", "$", "&&", "=")


class RandomTrigger:
    """Makes one trigger after the other, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - test data

    def make(self) -> str:
        """Make a trigger; some have a piece too many or too few, and some are mere characters."""
        roll = self._dice.random()
        if roll < 0.05:
            return "".join(self._dice.choices(string.printable, k=self._dice.randrange(40)))
        if roll < 0.06:
            return self._dice.choice("(![") * self._dice.randrange(12_000)
        pieces = self._condition(4).split(" ")
        if roll < 0.35:
            place = self._dice.randrange(len(pieces))
            pieces[place : place + self._dice.randrange(2)] = [self._dice.choice(_NOISE)]
        return " ".join(pieces)

    def _condition(self, depth: int) -> str:
        choose, roll = self._dice.choice, self._dice.random()
        if depth and roll < 0.35:
            word = choose(["and", "or"])
            parts = [self._condition(depth - 1) for _ in range(self._dice.randint(2, 3))]
            joined = f" {word} ".join(parts)
            return f"( {joined} )" if self._dice.random() < 0.5 else joined
        if depth and roll < 0.45:
            return f"{choose(['!', 'not '])}( {self._condition(depth - 1)} )"
        if roll < 0.6:
            return f"{choose(['', '!'])}match( {self._value()} , {choose(_GLOBS)} )"
        if roll < 0.7:
            sought = choose(['"ser"', "''", "uid"])
            return f"contains( {self._value()} , {sought} )"
        return f"{self._value()} {choose(_OPERATORS)} {choose([*_VALUES, self._value()])}"

    def _value(self) -> str:
        choose, roll = self._dice.choice, self._dice.random()
        if roll < 0.15:
            return f"{choose(['length', 'typeof', 'lowercase', 'bool'])}( {choose(_FIELDS)} )"
        return choose(_FIELDS)
