"""The form in which requests to Stripe are written: `line_items[0][quantity]=1`."""

import re
from typing import Any
from urllib.parse import parse_qsl

Schema = dict[str, Any]


def decode(text: str) -> dict[str, Any]:
    """`a[b][0]=x` as {"a": {"b": {"0": "x"}}}; `a[]=x` appends. Which of them are lists, the schema says (`typed`)."""
    tree: dict[str, Any] = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        head, *rest = re.findall(r"^[^\[]+|\[[^\]]*\]", key) or [key]
        *parents, last = [head, *(part[1:-1] for part in rest)]
        node = tree
        for name in parents:
            node = node.setdefault(name or str(len(node)), {})
            if not isinstance(node, dict):
                raise ValueError(f"{key} is both a value and a hash")
        last = last or str(len(node))
        if last in node:
            raise ValueError(f"{key} is given twice")
        node[last] = value
    return tree


def typed(node: Any, schema: Schema) -> Any:
    """Numbers, truths and lists where the schema wants them. What cannot be one stays a string, and is refused."""
    options = schema.get("anyOf", [schema])
    if isinstance(node, str):
        return _scalar(node, {str(option.get("type")) for option in options})
    if not isinstance(node, dict):
        return node
    for option in options:
        if option.get("type") == "array" and list(node) == [str(index) for index in range(len(node))]:
            return [typed(value, option["items"]) for value in node.values()]
    objects = [option for option in options if option.get("type") == "object"]
    if not objects:
        return node
    best = max(objects, key=lambda option: len(node.keys() & option.get("properties", {}).keys()))
    others = best.get("additionalProperties") or {}
    return {name: typed(value, best.get("properties", {}).get(name, others)) for name, value in node.items()}


def _scalar(text: str, types: set[str]) -> str | int | float | bool:
    if "integer" in types and re.fullmatch(r"-?[0-9]{1,18}", text):
        return int(text)
    if "number" in types and re.fullmatch(r"-?[0-9]{1,18}(\.[0-9]+)?", text):
        return float(text)
    if "boolean" in types and text in {"true", "false"}:
        return text == "true"
    return text
