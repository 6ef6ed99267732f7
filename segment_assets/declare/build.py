"""Declarations -> facts. All mistakes are told at once, each with file and line where known."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from segment_assets.declare.destination import read_destination
from segment_assets.declare.locator import shown_path
from segment_assets.declare.mistakes import Mistake, Mistakes, hint, raise_all, shown
from segment_assets.declare.spec import DestinationSpec, Locate, Position, Project, WarehouseSpec
from segment_assets.declare.warehouse import read_warehouse
from segment_assets.declare.yaml_reader import Document, read_file, read_folder
from segment_assets.errors import DeclarationError
from segment_assets.handoff import Model

WAREHOUSE_TYPE: Final = "segment_assets.Warehouse"
DESTINATION_TYPE: Final = "segment_assets.SegmentDestination"
_Part = tuple[Document, Mistakes]
_Spec = TypeVar("_Spec", WarehouseSpec, DestinationSpec)
TYPES: Final = (WAREHOUSE_TYPE, DESTINATION_TYPE)


def load_project(folder: Path) -> Project:
    """Read every YAML file below a folder. Raises `DeclarationError` with all mistakes at once."""
    project, mistakes = read_project(folder)
    raise_all(mistakes)
    return project


def read_project(folder: Path) -> tuple[Project, tuple[Mistake, ...]]:
    """Read every YAML file below a folder; return what could be read, and all mistakes.

    With any mistake the project is for finding more of them (unknown columns): what could not be
    read is left out or stands on its default. Nothing may run from it.
    """
    if not folder.is_dir():
        told = f"{folder}: is no folder; a folder of YAML files is allowed; correct the path"
        return Project((), ()), (Mistake("", "", told),)
    reading = read_folder(folder)
    parts = [(document, _mistakes_of(document)) for document in reading.documents]
    for document, mistakes in parts:
        _check_type(document, mistakes)
    warehouse_parts = [part for part in parts if part[0].type == WAREHOUSE_TYPE]
    destination_parts = [part for part in parts if part[0].type == DESTINATION_TYPE]
    _refuse_repeated(warehouse_parts, "warehouse")
    _refuse_repeated(destination_parts, "destination")
    _refuse_repeated_models(warehouse_parts)
    _refuse_repeated_jobs(destination_parts)
    warehouses = [
        read_warehouse(mistakes, document.path.parent) for document, mistakes in warehouse_parts
    ]
    models = _models_by_key(reading.documents, warehouses)
    destinations = [
        read_destination(mistakes, models, has_all_models=reading.is_whole)
        for _, mistakes in destination_parts
    ]
    found = (*reading.mistakes, *(item for _, mistakes in parts for item in mistakes.found))
    project = Project(
        tuple(warehouse for warehouse in warehouses if warehouse), tuple(destinations)
    )
    return project, found


def build_warehouse(
    attributes: Mapping[str, Any], *, base: Path, locate: Locate | None = None
) -> WarehouseSpec:
    """Check a warehouse's attributes; a relative `database` is below `base`.

    Raises `DeclarationError` with all mistakes; `locate` gives them file and line.
    """
    mistakes = Mistakes(attributes, locate)
    return _built(read_warehouse(mistakes, base), mistakes)


def build_destination(
    attributes: Mapping[str, Any], *, models: Mapping[str, Model], locate: Locate | None = None
) -> DestinationSpec:
    """Check a destination's attributes; `models` by key are what a `source` can name.

    Raises `DeclarationError` with all mistakes; `locate` gives them file and line.
    """
    mistakes = Mistakes(attributes, locate)
    return _built(read_destination(mistakes, models), mistakes)


def find_document(file: Path, type_name: str, name: str) -> Document | None:
    """Read a file again and return its document of a type and name, None if there is none.

    For a component that got its attributes from another YAML reader: these are the ones that
    `load_project` sees, where `on` and `12:30` are text.
    """
    documents = [document for document in read_file(file).documents if document.type == type_name]
    named = [document for document in documents if document.attributes.get("name") == name]
    if named:
        return named[0]
    return documents[0] if len(documents) == 1 else None


def locator_for(file: Path, type_name: str, name: str) -> Locate:
    """Return the positions of a document's attributes; the file's first line if it isn't found."""
    document = find_document(file, type_name, name)
    if document is not None:
        return document.locate
    first = Position(shown_path(file), 1)
    return lambda _path: first


def _built(spec: _Spec | None, mistakes: Mistakes) -> _Spec:
    raise_all(mistakes.found)
    if spec is None:
        raise DeclarationError(["an attribute was refused without a reason; please report it"])
    return spec


def _mistakes_of(document: Document) -> Mistakes:
    return Mistakes(document.attributes, document.locate)


def _check_type(document: Document, mistakes: Mistakes) -> None:
    if document.type in TYPES:
        return
    found = "is missing" if document.type is None else f"found {shown(document.type)}"
    told = f"{found}; allowed: {', '.join(TYPES)}{hint(document.type, TYPES)}"
    place = document.locate_document(("type",))
    mistakes.found.append(Mistake("", "type", f"{told}; correct it", place))


def _refuse_repeated(parts: list[_Part], what: str) -> None:
    """Refuse a second document of one name."""
    first: dict[str, Position] = {}
    for document, mistakes in parts:
        name = document.attributes.get("name")
        if isinstance(name, str):
            place = document.locate(("name",))
            if name in first:
                told = f"{shown(name)} is the name of another {what}, at {first[name]}"
                mistakes.add(("name",), f"{told}; names are unique; rename one of them")
            first.setdefault(name, place)


def _refuse_repeated_models(parts: list[_Part]) -> None:
    """Refuse a model key that another warehouse has; within one, `read_warehouse` does."""
    first: dict[str, tuple[int, Position]] = {}
    for at, (document, mistakes) in enumerate(parts):
        for number, key in _written_keys(document):
            path = ("models", number, "key")
            other, place = first.setdefault(key, (at, document.locate(path)))
            if other != at:
                told = f"{shown(key)} is the key of another warehouse's model, at {place}"
                mistakes.add(path, f"{told}; keys are unique; rename one of them")


def _refuse_repeated_jobs(parts: list[_Part]) -> None:
    """Refuse a mapping whose job is called like one of another destination.

    `a` with `b__c` and `a__b` with `c` would both have the job `a__b__c`.
    """
    first: dict[str, tuple[Any, Position]] = {}
    for document, mistakes in parts:
        name = document.attributes.get("name")
        for at, mapping in _written(document, "mappings", "name"):
            path = ("mappings", at, "name")
            for job in (f"{name}__{mapping}", f"{name}__{mapping}__plan"):
                other, place = first.setdefault(job, (name, document.locate(path)))
                if other != name:
                    told = f"its job would be called {job}, as is one of {shown(other)}, at {place}"
                    mistakes.add(path, f"{told}; job names are unique; rename this mapping")
                    break


def _written_keys(document: Document) -> list[tuple[int, str]]:
    return _written(document, "models", "key")


def _written(document: Document, items_key: str, name_key: str) -> list[tuple[int, str]]:
    """Return the names in a list of objects, each with its place, as far as they are text."""
    given = document.attributes.get(items_key)
    items = enumerate(given) if isinstance(given, list) else ()
    found = ((at, item.get(name_key)) for at, item in items if isinstance(item, dict))
    return [(at, name) for at, name in found if isinstance(name, str)]


def _models_by_key(
    documents: tuple[Document, ...], warehouses: list[WarehouseSpec | None]
) -> dict[str, Model]:
    """Return all models. A model with a mistake stands in by its key: that is told once only."""
    written = (key for document in documents for _, key in _written_keys(document))
    models = {key: Model(key=key, primary_key="?") for key in written}
    models.update({model.key: model for spec in warehouses if spec for model in spec.models})
    return models
