"""Data files that people edit: YAML read strictly, a mistake told with file, line, column and reason."""

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import BadInputError, NotFoundError

Place = tuple[int | str, ...]
Model = TypeVar("Model", bound=BaseModel)


_DEEPEST = 20
"""Parts within parts; an alias within what it stands for would have no end."""


class _Plain(yaml.SafeLoader):
    """YAML whose days stay text, for the model to judge: a thirteenth month is a mistake like others."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Strict(BaseModel):
    """A part of a data file: no field that it does not know, nothing changed once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WrongError(ValueError):
    """What a check of a whole file found, and at which field."""

    def __init__(self, place: Place, why: str) -> None:
        super().__init__(why)
        self.place, self.why = place, why


def read_checked(path: Path, model: type[Model]) -> Model:
    """The file as `model`, whose validators and `check` (raising WrongError) say what it must be.

    Raises NotFoundError where there is no such file, BadInputError with file, line, column and reason.
    """
    try:
        text = path.read_text("utf-8")
    except (FileNotFoundError, IsADirectoryError) as error:
        raise NotFoundError(f"There is no file {path}.") from error
    except UnicodeDecodeError as error:
        raise BadInputError(f"{path.name}:1:1: this is no text in UTF-8.") from error
    data, places = _composed(path.name, text)
    try:
        read = model.model_validate(data)
    except ValidationError as error:
        first = min(error.errors(), key=lambda one: _position(places, one["loc"]))
        field = ".".join(map(str, first["loc"]))
        why = first["msg"].removeprefix("Value error, ")
        raise _refused(path.name, _position(places, first["loc"]), f"{field}: {why}") from None
    try:
        getattr(read, "check", lambda: None)()
    except WrongError as error:
        raise _refused(path.name, _position(places, error.place), error.why) from None
    return read


def _composed(name: str, text: str) -> tuple[Any, dict[Place, tuple[int, int]]]:
    """The data, and where each of its fields stands (line and column from 1)."""
    places: dict[Place, tuple[int, int]] = {}
    loader = _Plain(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return None, {(): (1, 1)}
        _walk(name, root, (), places, loader)
        return loader.construct_document(root), places
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _refused(name, at, f"this is no YAML ({error.problem})") from None
    except yaml.YAMLError:
        raise _refused(name, (1, 1), "this is no YAML") from None
    finally:
        loader.dispose()


def _walk(
    name: str, node: yaml.Node, place: Place, places: dict[Place, tuple[int, int]], loader: _Plain
) -> None:
    here = (node.start_mark.line + 1, node.start_mark.column + 1)
    if len(place) > _DEEPEST:
        raise _refused(name, here, "this is nested too deep")
    places.setdefault(place, here)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _walk(name, item, (*place, index), places, loader)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, key.value)
            at = (key.start_mark.line + 1, key.start_mark.column + 1)
            if inner in places:
                raise _refused(name, at, f"{key.value!r} stands here twice")
            places[inner] = at
            _walk(name, value, inner, places, loader)


def _position(places: dict[Place, tuple[int, int]], place: Place) -> tuple[int, int]:
    """Where a field stands; of one that is not there, the part that should hold it."""
    while place not in places and place:
        place = place[:-1]
    return places.get(place, (1, 1))


def _refused(name: str, at: tuple[int, int], why: str) -> BadInputError:
    return BadInputError(f"{name}:{at[0]}:{at[1]}: {why.rstrip('.')}.")
