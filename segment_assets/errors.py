"""Every error this package raises, and who must act on it.

The tree::

    SegmentAssetsError
    ├── UserError             a person must change something; trying again changes nothing
    │   ├── DeclarationError      the YAML or the Python declaration is wrong (all mistakes at once)
    │   ├── MappingError          a mapping or a trigger can't be parsed
    │   ├── ModelError            a model can't be read as declared
    │   ├── PlanBlocked           a gate stopped the plan; nothing was sent
    │   ├── PlanNotApproved       there is no approved plan to deliver
    │   └── CredentialError       the write key or its environment variable is wrong
    ├── DeliveryError         the API or the way to it failed; rows are pending or uncertain
    ├── Busy                  another process works on the same sync or holds the file
    ├── StateError            the state can't be read or written (disk, permission, version)
    └── LawBroken             the buckets don't add up: a fault of this package, never hidden
"""


class SegmentAssetsError(Exception):
    """Base of all errors that the command line prints as a sentence instead of a traceback."""

    code: str = "error"


class UserError(SegmentAssetsError):
    """A person must change something before the next try can go better."""


class DeclarationError(UserError):
    """One or more mistakes in the declarations; `mistakes` holds every one of them."""

    code = "declaration"

    def __init__(self, mistakes: "list[str] | tuple[str, ...]") -> None:
        self.mistakes = tuple(mistakes)
        count = len(self.mistakes)
        head = f"{count} mistake{'' if count == 1 else 's'} in the declarations:"
        super().__init__("\n".join([head, *(f"  {mistake}" for mistake in self.mistakes)]))


class MappingError(UserError):
    """A mapping or trigger can't be parsed; `problems` are (slash path, sentence) pairs."""

    code = "mapping"

    def __init__(self, problems: "list[tuple[str, str]] | tuple[tuple[str, str], ...]") -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{path or '/'}: {text}" for path, text in self.problems))


class ModelError(UserError):
    """A model can't be read as declared (no such table, unknown column, bad key)."""

    def __init__(self, message: str, *, code: str = "model") -> None:
        self.code = code
        super().__init__(message)


class PlanBlocked(UserError):
    """A gate stopped the plan. `plan_id` can be approved by an operator, with a reason."""

    code = "plan_blocked"

    def __init__(self, sync: str, plan_id: str, reasons: "tuple[str, ...]") -> None:
        self.sync, self.plan_id, self.reasons = sync, plan_id, reasons
        super().__init__(
            f"{sync}: plan {plan_id} is blocked and nothing was sent: {'; '.join(reasons)}. "
            f"Mend the rows or the mapping and plan again, or approve it: "
            f'segment-assets approve {plan_id} --reason "..."'
        )


class PlanNotApproved(UserError):
    """There is no approved plan to deliver."""

    code = "plan_not_approved"


class CredentialError(UserError):
    """The write key is missing, malformed or refused."""

    def __init__(self, message: str, *, code: str = "invalid_write_key") -> None:
        self.code = code
        super().__init__(message)


class DeliveryError(SegmentAssetsError):
    """Delivery stopped at run level; `code` is one of the run codes of `codes.py`."""

    def __init__(self, message: str, *, code: str) -> None:
        self.code = code
        super().__init__(message)


class Busy(SegmentAssetsError):
    """Another process holds the sync or the file; the sentence names it."""

    code = "busy"


class StateError(SegmentAssetsError):
    """The state can't be read or written; the plan is kept and the next run goes on."""

    code = "state"


class LawBroken(SegmentAssetsError):
    """The buckets of a run don't add up. Please report it: no row may be unaccounted for."""

    code = "law_broken"
