"""All rules together: every file of a folder, and the order that their needs ask for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.resources import files
from pathlib import Path
from typing import get_args

from app.detection.rule import Maturity, Rule, check_parameters_used, line_of_field, read_rule, refused
from app.errors import BadInputError, NotFoundError


@dataclass(frozen=True)
class StepNeeds:
    """What a step needs before it, and which parameters it takes from the rules that need it.

    `flags`: it reads base flags, so every live base rule must have run; those of others act on nothing.
    """

    needs: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    flags: bool = False

    def before(self, rules: Mapping[str, Rule]) -> set[str]:
        """Everything that must have run before it."""
        base = {rule.id for rule in rules.values() if rule.front.base and rule.front.maturity == "live"}
        return {*self.needs, *(base if self.flags else ())}


def rules_folder() -> Path:
    """Where the rules that come with cluegraph are."""
    return Path(str(files("cypher") / "rules"))


def load_rules(
    steps: Mapping[str, StepNeeds], folder: Path | None = None, moved: Mapping[str, str] | None = None
) -> dict[str, Rule]:
    """Every rule of the folder by id, in an order in which each comes after what it needs.

    `moved` gives the maturity of rules that a person has moved (`Casebook.maturities`), which goes before
    that of their files. Raises BadInputError with file and line for a rule that is refused, and for needs
    that are unknown, less mature than who needs them, or go round in a circle.
    """
    rules = _shipped() if folder is None else {rule.id: rule for rule in map(read_rule, _files(folder))}
    return together(matured(rules, moved or {}), steps)


def matured(rules: Mapping[str, Rule], moved: Mapping[str, str]) -> dict[str, Rule]:
    """The rules, those that were moved with the maturity that they have by now."""
    return {
        name: replace(rule, front=rule.front.model_copy(update={"maturity": moved[name]}))
        if name in moved
        else rule
        for name, rule in rules.items()
    }


@cache
def _shipped() -> dict[str, Rule]:
    """The rules that come with cluegraph, by id: they do not change while it runs."""
    return {rule.id: rule for rule in map(read_rule, _files(rules_folder()))}


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.cypher"), key=lambda path: path.stem)


def together(rules: Mapping[str, Rule], steps: Mapping[str, StepNeeds]) -> dict[str, Rule]:
    """These rules in the order of their needs; raises BadInputError as `load_rules` does."""
    for rule in rules.values():
        for need in rule.front.needs:
            if need not in rules and need not in steps:
                raise _refused(rule, f"needs: there is neither a step nor a rule {need!r}")
            if need in rules and not _may_act_on(rule, rules[need]):
                mature = rules[need].front.maturity
                raise _refused(
                    rule, f"needs: a {rule.front.maturity} rule cannot act on {need!r}, a {mature}"
                )
        taken = {name for need in rule.front.needs if need in steps for name in steps[need].takes}
        check_parameters_used(rule, taken)
    return {name: rules[name] for name in in_order(rules, steps) if name in rules}


def check_rules(path: Path, steps: Mapping[str, StepNeeds]) -> list[Rule]:
    """The rules of a file or a folder, read as strictly as for a run.

    A file is checked beside the rules that come with cluegraph, in the place of one of its name. Raises
    BadInputError with file and line of every rule that is refused, NotFoundError where there is nothing.
    """
    if not path.exists():
        raise NotFoundError(f"There is no file or folder {path}.")
    paths = _files(path) if path.is_dir() else [path]
    if not paths:
        raise NotFoundError(f"The folder {path} holds no rule: rules are files that end in .cypher.")
    rules, wrong = {}, []
    for one in paths:
        try:
            rule = read_rule(one)
            rules[rule.id] = rule
        except BadInputError as error:
            wrong.append(str(error))
        except (UnicodeDecodeError, OSError):
            wrong.append(f"{one.name}:1: the file cannot be read as UTF-8 text.")
    if wrong:
        raise BadInputError(" ".join(wrong))
    together(rules if path.is_dir() else {**load_rules(steps), **rules}, steps)
    return list(rules.values())


def in_order(rules: Mapping[str, Rule], steps: Mapping[str, StepNeeds]) -> list[str]:
    """Ids of steps and rules, each after its needs, otherwise by name; raises BadInputError for a circle."""
    needs = {name: step.before(rules) for name, step in steps.items()}
    needs |= {rule.id: set(rule.front.needs) for rule in rules.values()}
    sorter = TopologicalSorter(needs)
    try:
        sorter.prepare()
    except CycleError as error:
        circle = error.args[1]
        culprit = next(rules[name] for name in circle if name in rules)
        raise _refused(culprit, f"needs go round in a circle: {' → '.join(reversed(circle))}") from None
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return order


def closure(
    wanted: Iterable[str], rules: Mapping[str, Rule], steps: Mapping[str, StepNeeds]
) -> tuple[dict[str, Rule], list[str]]:
    """The wanted rules with every rule that they need, and the order of all steps and rules to run.

    Raises NotFoundError for a rule that does not exist.
    """
    reached: set[str] = set()
    waiting = list(wanted)
    for name in waiting:
        if name not in rules:
            raise NotFoundError(f"There is no rule {name!r}: the rules are {', '.join(sorted(rules))}.")
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += rules[name].front.needs if name in rules else steps[name].before(rules)
    chosen = {name: rule for name, rule in rules.items() if name in reached}
    return chosen, [name for name in in_order(rules, steps) if name in reached]


def _may_act_on(rule: Rule, need: Rule) -> bool:
    """Whether a rule may need another: one as mature, or a base rule in the shadow.

    What is needed of a base rule is that its flags are there, and those of a shadow are left out by
    themselves.
    """
    return _ripeness(need) >= _ripeness(rule) or (need.front.base and need.front.maturity == "shadow")


def _ripeness(rule: Rule) -> int:
    return get_args(Maturity).index(rule.front.maturity)


def _refused(rule: Rule, why: str) -> BadInputError:
    text = rule.path.read_text(encoding="utf-8")
    return refused(rule.path, line_of_field(text, ("needs",)), why)
