"""Data files that people edit: YAML read strictly, a mistake told with file, line, column and reason."""

from collections.abc import Iterable
from importlib.resources import as_file, files
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from app.errors import BadInputError, NotFoundError
from app.plain_yaml import NotPlainError, Place, plain_yaml

Model = TypeVar("Model", bound=BaseModel)


class Strict(BaseModel):
    """A part of a data file: no unknown field, only finite numbers, nothing changed once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


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
    try:
        data, places = plain_yaml(text)
    except NotPlainError as error:
        raise _refused(path.name, error.at, error.why) from None
    try:
        read = model.model_validate(data)
    except ValidationError as error:
        first = min(error.errors(), key=lambda one: _position(places, one["loc"]))
        field = ".".join(map(str, first["loc"])) or "the file"
        why = first["msg"].removeprefix("Value error, ")
        raise _refused(path.name, _position(places, first["loc"]), f"{field}: {why}") from None
    try:
        getattr(read, "check", lambda: None)()
    except WrongError as error:
        raise _refused(path.name, _position(places, error.place), error.why) from None
    return read


def read_checked_or_own(path: Path | None, own: str, model: type[Model]) -> Model:
    """The file, or where none is given its `own` that comes with cluegraph; raises as `read_checked`."""
    if path is not None:
        return read_checked(path, model)
    with as_file(files("app.supervision") / "data" / own) as shipped:
        return read_checked(shipped, model)


def check_names(given: Iterable[str], known: Iterable[str], what: str, at: Place) -> None:
    """Raises WrongError for a name, of a list or of a field, that is not known or stands in a list twice."""
    there = tuple(known)
    seen: set[str] = set()
    for number, name in enumerate(given):
        place = (*at, number if isinstance(given, tuple | list) else name)
        if name not in there:
            raise WrongError(place, f"there is no {what} {name!r}: they are {', '.join(there)}")
        if name in seen:
            raise WrongError(place, f"{name!r} stands here twice")
        seen.add(name)


def _position(places: dict[Place, tuple[int, int]], place: Place) -> tuple[int, int]:
    """Where a field stands; of one that is not there, the part that should hold it."""
    while place not in places and place:
        place = place[:-1]
    return places.get(place, (1, 1))


def _refused(name: str, at: tuple[int, int], why: str) -> BadInputError:
    return BadInputError(f"{name}:{at[0]}:{at[1]}: {why.rstrip('.')}.")
