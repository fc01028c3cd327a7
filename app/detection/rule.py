"""A rule: one Cypher file with its own front matter, read strictly."""

import re
import string
from collections.abc import Set
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from app.detection.cypher_text import line_of, parameters_used, tokens, trespass
from app.errors import BadInputError
from app.plain_yaml import NotPlainError, plain_yaml

Severity = Literal["info", "low", "medium", "high", "critical"]
Maturity = Literal["draft", "shadow", "live"]
Text = Annotated[str, Field(min_length=1)]
Scalar = bool | int | float | str
GIVEN = {"subjects", "since", "as_of", "evidence_limit"}
"""What the runner gives: keys to look at (or null), the window (since, as_of], how many documents to name."""

FRONT = re.compile(r"\A/\*\n(?P<front>.*?)\n\*/\n(?P<body>.*)\Z", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{(\w+)(?::[^}]*)?\}")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Translated(_Strict):
    """One text in both languages."""

    en: Text
    zh: Text


class Parameter(_Strict):
    """A number that somebody may change, and where it comes from."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    default: Scalar | list[float] | list[str]
    unit: Text
    meaning: Text
    source: Text
    holds_from: date


class SeverityTable(_Strict):
    """Severity by a returned number: that of the greatest threshold which the number reaches."""

    by: Text
    steps: dict[float, Severity]

    @field_validator("steps")
    @classmethod
    def _some_and_rising(cls, steps: dict[float, Severity]) -> dict[float, Severity]:
        ranks = [get_args(Severity).index(steps[at]) for at in sorted(steps)]
        if not steps or ranks != sorted(ranks):
            raise ValueError("the severities must not fall as the number rises")
        return steps


class FrontMatter(_Strict):
    """The fields of a rule, exactly."""

    id: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$")]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    title: Translated
    reason: Translated
    risk: Literal[
        "source control", "joint management", "documents", "movement", "consumer end", "goods",
        "enterprise", "rings", "clearance",
    ]  # fmt: skip
    subject: Text | Annotated[list[Text], Field(min_length=2)]
    severity: Severity | SeverityTable
    maturity: Maturity
    window: Annotated[int, Field(ge=1, le=1200)] | None
    parameters: list[Parameter]
    population: Text
    judgeable: Text
    picture: Text
    action: Literal["verification", "referral", "assessment", "instruction", "clue"]
    silent_on: Annotated[list[Text], Field(min_length=1)]
    base: bool
    needs: list[Text]
    scope: Literal["local", "global"]

    @field_validator("reason")
    @classmethod
    def _can_be_filled_in(cls, reason: Translated) -> Translated:
        for text in (reason.en, reason.zh):
            try:
                fields = [field for field in string.Formatter().parse(text) if field[1] is not None]
            except ValueError as error:
                raise ValueError(f"{text!r} cannot be filled in ({error})") from None
            for _, name, form, conversion in fields:
                if (
                    conversion is not None
                    or not re.fullmatch(r"[a-z]\w*", name or "")
                    or not _fits(form or "")
                ):
                    raise ValueError(f"{{{name}}} is no number with a form that Python knows")
        return reason

    @property
    def numbers_of_reason(self) -> set[str]:
        """Names in braces in the reason."""
        return {name for text in (self.reason.en, self.reason.zh) for name in _PLACEHOLDER.findall(text)}

    @field_validator("parameters")
    @classmethod
    def _one_of_each(cls, parameters: list[Parameter]) -> list[Parameter]:
        names = [parameter.name for parameter in parameters]
        twice = sorted({name for name in names if names.count(name) > 1} | (GIVEN & set(names)))
        if twice:
            raise ValueError(f"{twice[0]!r} is declared twice, or is one that the runner gives")
        return parameters


def _fits(form: str) -> bool:
    """Whether a number or a text can be written in this form."""
    for value in (1.0, 1, ""):
        try:
            format(value, form)
        except ValueError:
            continue
        return True
    return False


@dataclass(frozen=True)
class Rule:
    """Front matter and statement of one file."""

    front: FrontMatter
    cypher: str
    path: Path

    @property
    def id(self) -> str:
        """The rule's id, which is also the name of its file."""
        return self.front.id

    @cached_property
    def subjects(self) -> list[str]:
        """Labels that the subject may have."""
        return [self.front.subject] if isinstance(self.front.subject, str) else self.front.subject

    @cached_property
    def parameters(self) -> dict[str, Scalar | list[float] | list[str]]:
        """Name → default of every parameter."""
        return {parameter.name: parameter.default for parameter in self.front.parameters}

    @cached_property
    def placeholders(self) -> set[str]:
        """Numbers that the reason or the severity asks for: every row has to return them."""
        table = self.front.severity
        return self.front.numbers_of_reason | ({table.by} if isinstance(table, SeverityTable) else set())

    def severity_of(self, numbers: dict[str, object]) -> str:
        """Severity of a row with these numbers."""
        table = self.front.severity
        if not isinstance(table, SeverityTable):
            return table
        value = numbers[table.by]
        if not isinstance(value, int | float):
            raise BadInputError(
                f"{self.path.name}: severity goes by {table.by!r}, which is no number in a row."
            )
        reached = [at for at in sorted(table.steps) if value >= at]
        return table.steps[reached[-1]] if reached else "info"


def read_rule(path: Path) -> Rule:
    """Read and check one rule file; raises BadInputError with file and line for what a rule must not be."""
    text = path.read_text(encoding="utf-8")
    match = FRONT.match(text)
    if match is None:
        raise refused(path, 1, "a rule begins with front matter: YAML between a line '/*' and a line '*/'")
    try:
        front = FrontMatter.model_validate(_yaml(path, match["front"]))
    except ValidationError as error:
        raise refused(path, *_told(text, error)) from None
    if path.stem != front.id:
        raise refused(
            path, line_of_field(text, ("id",)), f"the rule {front.id!r} is to be in {front.id}.cypher"
        )
    rule = Rule(front, match["body"].strip() + "\n", path)
    _check_statements(rule, text, match.start("body"))
    return rule


def _told(text: str, error: ValidationError) -> tuple[int, str]:
    """Line and sentence for what pydantic found; of the branches of a choice, the one that came furthest."""
    worst = max(error.errors(), key=lambda one: (one["type"] == "value_error", len(one["loc"])))
    fields = [
        part for part in worst["loc"] if isinstance(part, int) or (part.isidentifier() and part.islower())
    ]
    where = ".".join(str(part) for part in fields) or "front matter"
    return line_of_field(text, tuple(fields)), f"{where}: {worst['msg'].removeprefix('Value error, ')}"


def _yaml(path: Path, text: str) -> object:
    try:
        return plain_yaml(text)[0]
    except NotPlainError as error:
        why = "the front matter is no YAML" if error.why.startswith("this is no YAML") else error.why
        raise refused(path, 1 + error.at[0], why) from None


def _check_statements(rule: Rule, text: str, start: int) -> None:
    front, declared = rule.front, set(rule.parameters)
    for name in ("population", "judgeable", "picture"):
        statement = getattr(front, name)
        line = line_of_field(text, (name,))
        wrong = trespass(statement)
        if wrong is not None:
            raise refused(rule.path, line, f"{name} says {wrong[0]}")
        unknown = (
            parameters_used(statement) - declared - GIVEN - ({"subject"} if name == "picture" else set())
        )
        if unknown:
            raise refused(rule.path, line, f"{name} uses ${min(unknown)}, which is not declared")
    wrong = trespass(text[start:])
    if wrong is not None:
        raise refused(rule.path, line_of(text, start + wrong[1]), f"the rule says {wrong[0]}")
    words = {word for kind, word, _ in tokens(rule.cypher) if kind == "word"}
    unsaid = rule.placeholders - {"name"} - words
    if unsaid:
        name = min(unsaid)
        where = "reason" if name in front.numbers_of_reason else "severity"
        raise refused(rule.path, line_of_field(text, (where,)), f"{where}: the rule does not return {name!r}")
    used = parameters_used(rule.cypher)
    if used - declared - GIVEN:
        name = min(used - declared - GIVEN)
        raise refused(rule.path, line_of(text, text.index(f"${name}", start)), f"${name} is not declared")
    if "subjects" not in used:
        raise refused(rule.path, line_of(text, start), "the rule does not take $subjects")


def check_parameters_used(rule: Rule, taken: Set[str]) -> None:
    """Refuse a parameter that neither the statements use nor a needed step takes; raises BadInputError."""
    used = taken | parameters_used(rule.cypher) | parameters_used(rule.front.judgeable)
    for name in rule.parameters:
        if name not in used:
            text = rule.path.read_text(encoding="utf-8")
            line = line_of(text, text.index(f"name: {name}"))
            raise refused(rule.path, line, f"the parameter {name!r} is not used")


def line_of_field(text: str, location: tuple[int | str, ...]) -> int:
    """Best line for a field: its own line where it is there, else the first."""
    for part in reversed([str(part) for part in location]):
        found = re.search(rf"^\s*(- )?{re.escape(part)}:", text, re.MULTILINE)
        if found:
            return line_of(text, found.end())
    return 1


def refused(path: Path, line: int, why: str) -> BadInputError:
    """The error that refuses a rule, with file and line."""
    return BadInputError(f"{path.name}:{line}: {why}.")
