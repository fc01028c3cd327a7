"""YAML of data files that people edit, read as plain parts: a mistake is told with its line and column."""

from typing import Any

import yaml

Place = tuple[int | str, ...]
Position = tuple[int, int]
"""Line and column, both from 1."""

_DEEPEST = 20
"""Parts within parts."""
_PLAIN = {f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str", "seq", "map")}


class NotPlainError(ValueError):
    """What is wrong with a text, and where."""

    def __init__(self, at: Position, why: str) -> None:
        super().__init__(why)
        self.at, self.why = at, why


class _Plain(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Days stay text, for the model to judge: a thirteenth month is a mistake like others.

    In C, where it is installed so, which takes a tenth of the time: rules are read by most commands.
    """


_Plain.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def plain_yaml(text: str) -> tuple[Any, dict[Place, Position]]:
    """The data of a text, and where each of its fields stands; raises NotPlainError.

    Refused besides what is no YAML: a name that stands twice or is no text, aliases, tags, too deep nesting.
    """
    places: dict[Place, Position] = {}
    try:
        yaml.reader.Reader(text)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        at = before.count("\n") + 1, error.position - before.rfind("\n")
        raise NotPlainError(at, "this is no YAML (it holds a control character)") from None
    loader = _Plain(text)
    try:
        _check_events(text)
        root = loader.get_single_node()
        if root is None:
            return None, {(): (1, 1)}
        _walk(root, (), places)
        return loader.construct_document(root), places
    except NotPlainError:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = _at(mark) if mark else (1, 1)
        raise NotPlainError(at, f"this is no YAML ({error.problem})") from None
    except (yaml.YAMLError, ValueError, LookupError):  # a number that is none, or has no end
        raise NotPlainError((1, 1), "this is no YAML") from None
    finally:
        loader.dispose()


def _check_events(text: str) -> None:
    """Refuses what a data file does not need: aliases, of which a few lines make a million parts, and endless
    depth."""
    depth = 0
    for event in yaml.parse(text, _Plain):
        if isinstance(event, yaml.AliasEvent):
            raise NotPlainError(_at(event.start_mark), "aliases (*) are not taken: write it out")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise NotPlainError(_at(event.start_mark), "this is nested too deep")


def _walk(node: yaml.Node, place: Place, places: dict[Place, Position]) -> None:
    places.setdefault(place, _at(node.start_mark))
    if node.tag not in _PLAIN:
        raise NotPlainError(_at(node.start_mark), f"the tag {node.tag!r} is not taken")
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _walk(item, (*place, index), places)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            at = _at(key.start_mark)
            if not isinstance(key, yaml.ScalarNode) or key.tag not in _PLAIN:
                raise NotPlainError(at, "the name of a field must be text")
            inner = (*place, key.value)
            if inner in places:
                raise NotPlainError(at, f"{key.value!r} stands here twice")
            places[inner] = at
            _walk(value, inner, places)


def _at(mark: Any) -> Position:
    return mark.line + 1, mark.column + 1
