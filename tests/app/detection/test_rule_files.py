"""Rule files: what is refused, with file and line; and what every rule of ours keeps to."""

import re
from pathlib import Path

import pytest
import yaml

from app.detection.catalogue import STEPS
from app.detection.cypher_text import parameters_used, trespass, write_in
from app.detection.results import finding_id
from app.detection.rule import Rule, read_rule
from app.detection.rulebook import StepNeeds, closure, load_rules, rules_folder
from app.errors import BadInputError, NotFoundError

GOOD = """/*
id: a-rule
version: 1.2.3
title: {en: A title, zh: 标题}
reason: {en: "{name} has {sales} sales.", zh: "{name} 有 {sales} 笔交易。"}
risk: source control
subject: Platform
severity: {by: sales, steps: {0: low, 100: high}}
maturity: live
window: 12
parameters:
  - name: minimum
    default: 5
    unit: sales
    meaning: Fewer say nothing.
    source: Somebody said so.
    holds_from: 2024-01-01
population: MATCH (p:Platform) RETURN count(p)
judgeable: MATCH (p:Platform) WHERE p.window_sales > 0 RETURN count(p)
picture: "MATCH (p:Platform {code: $subject}) RETURN p"
action: verification
silent_on: [a new one]
base: false
needs: [platform-activity]
scope: local
*/
MATCH (p:Platform)
WHERE ($subjects IS NULL OR p.code IN $subjects) AND p.window_sales >= $minimum
RETURN p.code AS subject, p.window_sales AS sales, [] AS members,
       {ids: [], count: 0, query: 'RETURN $subject'} AS evidence, 1.0 AS score
"""
OTHER = GOOD.replace("id: a-rule", "id: other")


def write(folder: Path, text: str, name: str = "a-rule") -> Path:
    path = folder / f"{name}.cypher"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_rule_is_read(tmp_path: Path) -> None:
    rule = read_rule(write(tmp_path, GOOD))
    assert (rule.id, rule.parameters, rule.subjects) == ("a-rule", {"minimum": 5}, ["Platform"])
    assert rule.placeholders == {"name", "sales"}
    assert [rule.severity_of({"sales": sales}) for sales in (1, 99, 100)] == ["low", "low", "high"]
    assert list(load_rules(STEPS, tmp_path)) == ["a-rule"]


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("base: false", "base: false\nowner: me", 24, "owner: Extra inputs are not permitted"),
        ("title: {en: A title, zh: 标题}", "title: {en: A title}", 4, "title.zh: Field required"),
        ("action: verification\n", "", 1, "action: Field required"),
        ("risk: source control", "risk: weather", 6, "risk: Input should be"),
        ("version: 1.2.3", "version: '1.2'", 3, "version: String should match pattern"),
        ("scope: local", "scope: everywhere", 25, "scope: Input should be 'local' or 'global'"),
        ("silent_on: [a new one]", "silent_on: []", 22, "silent_on: List should have at least 1 item"),
        ("{0: low, 100: high}", "{0: high, 100: low}", 8, "must not fall as the number rises"),
        ("    unit: sales\n", "", 11, "parameters.0.unit: Field required"),
        ("id: a-rule", "id: b-rule", 2, "is to be in b-rule.cypher"),
        (
            "  - name: minimum",
            "  - name: subjects",
            11,
            "'subjects' is declared twice, or is one that the runner",
        ),
        ("version: 1.2.3", "version: [1", 4, "the front matter is no YAML"),
        ("base: false", "base: false\nbase: true", 24, "'base' stands here twice"),
        ("base: false", "base: &no false\nother: *no", 24, "aliases"),
        ("base: false", "base: " + "[" * 9000, 23, "nested too deep"),
        ("default: 5", "default: .nan", 13, "parameters.0.default"),
        ("{0: low, 100: high}", "{.inf: high}", 8, "finite"),
        ("window: 12", "window: 99999", 10, "less than or equal to 1200"),
        ("has {sales} sales", "has {sails} sales", 5, "reason: the rule does not return 'sails'"),
        ("{by: sales", "{by: sails", 8, "severity: the rule does not return 'sails'"),
        ("has {sales} sales", "has {sales sales", 5, "cannot be filled in"),
        ("has {sales} sales", "has {sales.real} sales", 5, "is no number"),
        ("has {sales} sales", "has {sales:.1q} sales", 5, "is no number"),
        ("/*\nid", "// \nid", 1, "a rule begins with front matter"),
        ("RETURN p.code AS", "SET p.bad = true RETURN p.code AS", 29, "the rule says SET, which writes"),
        (
            "MATCH (p:Platform)\nWHERE",
            "MATCH (p:Platform)\nDETACH DELETE p WHERE",
            28,
            "DETACH, which writes",
        ),
        ("MATCH (p:Platform)\nWHERE", "CALL db.labels() YIELD label WHERE", 27, "a call of a procedure"),
        ("MATCH (p:Platform)\nWHERE", "MATCH (p:Platform)--(:Finding)\nWHERE", 27, "a match on :Finding"),
        (
            "RETURN count(p)\njudge",
            "MERGE (:X) RETURN count(p)\njudge",
            18,
            "population says MERGE, which writes",
        ),
        (">= $minimum", ">= 5", 12, "the parameter 'minimum' is not used"),
        (">= $minimum", ">= $minimum + $more", 28, "$more is not declared"),
        ("{code: $subject}", "{code: $whom}", 20, "picture uses $whom, which is not declared"),
        ("$subjects IS NULL OR p.code IN $subjects", "true", 27, "does not take $subjects"),
        ("[platform-activity]", "[the-moon]", 24, "there is neither a step nor a rule 'the-moon'"),
    ],
)
def test_a_bad_rule_is_refused_with_file_and_line(
    tmp_path: Path, old: str, new: str, line: int, says: str
) -> None:
    assert old in GOOD
    write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(BadInputError) as refused:
        load_rules(STEPS, tmp_path)
    assert says in str(refused.value)
    assert re.match(rf"a-rule\.cypher:{line}: ", str(refused.value)), str(refused.value)


def test_needs_that_go_round_are_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("[platform-activity]", "[other]"))
    write(tmp_path, OTHER.replace("[platform-activity]", "[a-rule]"), "other")
    with pytest.raises(BadInputError, match=r"\.cypher:24: needs go round in a circle: .*a-rule.*other"):
        load_rules(STEPS, tmp_path)


def test_a_rule_cannot_act_on_a_less_mature_one(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("[platform-activity]", "[other]"))
    write(tmp_path, OTHER.replace("maturity: live", "maturity: shadow"), "other")
    with pytest.raises(BadInputError, match=r"a-rule\.cypher:24: needs: a live rule cannot act on 'other'"):
        load_rules(STEPS, tmp_path)
    write(tmp_path, GOOD.replace("[platform-activity]", "[other]").replace("live", "draft", 1))
    assert list(load_rules(STEPS, tmp_path)) == ["other", "a-rule"]


def test_a_live_rule_may_need_a_base_rule_in_the_shadow_whose_flags_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace("[platform-activity]", "[other]"))
    base = OTHER.replace("base: false", "base: true")
    write(tmp_path, base.replace("maturity: live", "maturity: shadow"), "other")
    assert list(load_rules(STEPS, tmp_path)) == ["other", "a-rule"]
    write(tmp_path, base, "other")
    assert list(load_rules(STEPS, tmp_path, {"other": "shadow"})) == ["other", "a-rule"]
    with pytest.raises(BadInputError, match="a live rule cannot act on 'other', a draft"):
        load_rules(STEPS, tmp_path, {"other": "draft"})


def test_a_parameter_that_a_needed_step_takes_is_used(tmp_path: Path) -> None:
    write(tmp_path, GOOD.replace(">= $minimum", ">= 5"))
    rules = load_rules({"platform-activity": StepNeeds(takes=frozenset({"minimum"}))}, tmp_path)
    assert "a-rule" in rules


def test_words_that_only_look_like_writing_are_none() -> None:
    assert trespass("MATCH (n {set: 1}) WHERE n.delete = 'CREATE (x)' // MERGE\nRETURN n.remove AS x") is None
    assert trespass("MATCH (n) CALL (n) { RETURN 1 AS one } RETURN one") is None
    assert trespass("MATCH (n) RETURN `create`, n:Finding") is not None


def test_parameters_are_written_in_but_not_into_strings() -> None:
    text = "WHERE p.x = $code AND p.y IN $list AND $none IS NULL RETURN '$code' // $code"
    assert parameters_used(text) == {"code", "list", "none"}
    written = write_in(text, {"code": 'a"b\\', "list": [1, 2.5, True], "none": None})
    assert written == (
        r"""WHERE p.x = "a\"b\\" AND p.y IN [1, 2.5, true] AND null IS NULL RETURN '$code' // $code"""
    )


def test_an_id_is_of_rule_and_subject_and_never_changes() -> None:
    assert finding_id("platform-unverified", "Platform", "P1") == finding_id(
        "platform-unverified", "Platform", "P1"
    )
    assert finding_id("platform-unverified", "Platform", "P1") == "7g5x6dhry5xldechcum7aq6rd4"
    assert finding_id("platform-unverified", "Merchant", "P1") != finding_id(
        "platform-unverified", "Platform", "P1"
    )


# --- the rules that come with cluegraph

RULES = load_rules(STEPS)


@pytest.fixture(params=sorted(RULES))
def rule(request: pytest.FixtureRequest) -> Rule:
    return RULES[request.param]


def test_every_number_has_a_unit(rule: Rule) -> None:
    units = yaml.safe_load((rules_folder() / "numbers.yaml").read_text("utf-8"))
    last = rule.cypher[rule.cypher.rindex("\nRETURN ") : rule.cypher.rindex("AS members")]
    returned = set(re.findall(r"\bAS (\w+)", last)) - {"subject"}
    assert rule.placeholders - {"name"} <= units.keys()
    assert returned <= units.keys()


def test_a_base_rule_needs_no_rule(rule: Rule) -> None:
    """Base flags come from outside the graph's shape: nothing that rules found may lead to one."""
    if rule.front.base:
        assert not {need for need in rule.front.needs if need in RULES}


def test_rules_come_after_what_they_need() -> None:
    chosen, order = closure(["ring-platforms"], RULES, STEPS)
    assert order.index("platform-communities") < order.index("ring-platforms")
    assert order.index("document-peers") < order.index("document-payer") < order.index("platform-communities")
    assert "payment-watchlist" not in chosen
    with pytest.raises(NotFoundError, match="There is no rule 'nothing'"):
        closure(["nothing"], RULES, STEPS)


def test_base_flags_come_before_what_asks_for_them() -> None:
    flagging = {name for name, one in RULES.items() if one.front.base}
    chosen, order = closure(["payment-captive-platforms"], RULES, STEPS)
    assert flagging <= chosen.keys()
    assert all(order.index(name) < order.index("payment-captives") for name in flagging)
