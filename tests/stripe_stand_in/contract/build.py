"""Write down what Stripe's API accepts and answers, as read from the source of the installed `stripe` package.

    python -m tests.stripe_stand_in.contract.build

Stripe generates that package from the description of its API: the classes of `stripe.params` say what a request may
hold, the resource classes what an answer holds, the services which address takes the one and gives the other. Their
annotations are read as text (nothing is imported) and become JSON Schema, kept in `contract.json.gz` beside this file.
A test rebuilds it and compares.
"""

import ast
import gzip
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Schema = dict[str, Any]

STORED = Path(__file__).with_name("contract.json.gz")
#: The addresses that the product may use, without /v1/.
KEPT = re.compile(
    r"/v1/(accounts|account_links|balance|balance_transactions|charges|checkout/sessions|customers|disputes|events"
    r"|payment_intents|payment_methods|payouts|refunds|setup_intents|transfers|webhook_endpoints)"
    r"(/\{\w+\}(/(attach|cancel|capture|close|confirm|detach|expire|line_items|reversals(/\{\w+\})?"
    r"|payment_methods))?)?"
)
#: Creating and capturing charges is deprecated in favour of payment intents.
LEFT_OUT = {"POST /v1/charges", "POST /v1/charges/{charge}/capture"}
#: Resources described in full. Others are reached only through a field that may be expanded, and stay opaque.
RESOURCES = {
    "account", "account_link", "balance", "balance_transaction", "charge", "checkout.session", "customer", "dispute",
    "event", "item", "line_item", "payment_intent", "payment_method", "payout", "refund", "setup_intent", "transfer",
    "transfer_reversal", "webhook_endpoint",
}  # fmt: skip
PLAIN: dict[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "float": {"type": "number"},
    "Decimal": {"type": "string"},
    "None": {"type": "null"},
    "Any": {},
    "object": {},
}


@dataclass(frozen=True)
class Module:
    """One file of the package."""

    name: str

    @cached_property
    def tree(self) -> ast.Module:
        base = root() / Path(*self.name.split(".")[1:])
        path = base / "__init__.py" if base.is_dir() else base.with_suffix(".py")
        return ast.parse(path.read_text())

    @cached_property
    def imports(self) -> dict[str, tuple[str, str]]:
        """Names imported from elsewhere in the package, also those for type checkers only."""
        return {
            alias.asname or alias.name: (node.module, alias.name)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("stripe")
            for alias in node.names
        }

    @cached_property
    def classes(self) -> dict[str, ast.ClassDef]:
        return {node.name: node for node in self.tree.body if isinstance(node, ast.ClassDef)}

    @cached_property
    def functional(self) -> dict[str, ast.Dict]:
        """Typed dictionaries with keys that are words of Python: `_Base = TypedDict("_Base", {"from": str})`."""
        return {
            node.targets[0].id: node.value.args[1]
            for node in self.tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Call)
            and len(node.value.args) == 2
            and isinstance(node.value.args[1], ast.Dict)
        }


@lru_cache
def root() -> Path:
    spec = find_spec("stripe")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package stripe is not installed")
    return Path(spec.origin).parent


@lru_cache
def module(name: str) -> Module:
    return Module(name)


@dataclass(frozen=True)
class Place:
    """A class, with the module and the classes it stands in: where its annotations look names up."""

    module: Module
    chain: tuple[ast.ClassDef, ...]

    @property
    def node(self) -> ast.ClassDef:
        return self.chain[-1]

    @property
    def resource(self) -> str:
        """The value of OBJECT_NAME, or nothing: then it is a part of another class."""
        for node in self.node.body:
            if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "OBJECT_NAME":
                return str(ast.literal_eval(node.value)) if node.value else ""
        return ""

    def find(self, name: str) -> "Place":
        """The class called `name` ("Session" or "Session.Customer") as seen from here."""
        first, *rest = name.split(".")
        for depth in range(len(self.chain), 0, -1):
            inner = _inner(self.chain[depth - 1], first)
            if inner:
                return self._below(Place(self.module, (*self.chain[:depth], inner)), rest)
        if first in self.module.classes:
            return self._below(Place(self.module, (self.module.classes[first],)), rest)
        source, original = self.module.imports[first]
        return Place(module(source), ()).find(".".join([original, *rest]))

    @staticmethod
    def _below(place: "Place", names: list[str]) -> "Place":
        for name in names:
            inner = _inner(place.node, name)
            if inner is None:
                raise LookupError(f"{place.node.name}.{name}")
            place = Place(place.module, (*place.chain, inner))
        return place

    def fields(self) -> Iterator[tuple[str, ast.expr]]:
        for base in self.node.bases:
            if isinstance(base, ast.Name) and base.id in self.module.functional:
                table = self.module.functional[base.id]
                for key, value in zip(table.keys, table.values, strict=True):
                    if isinstance(key, ast.Constant):
                        yield str(key.value), value
        for node in self.node.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                is_class_variable = "ClassVar" in ast.unparse(node.annotation)
                if not is_class_variable and not node.target.id.startswith("_"):
                    yield node.target.id, node.annotation


def _inner(node: ast.ClassDef, name: str) -> ast.ClassDef | None:
    return next((child for child in node.body if isinstance(child, ast.ClassDef) and child.name == name), None)


class Reader:
    """Turns annotations into schemas and remembers the resources it met."""

    def __init__(self) -> None:
        self.objects: dict[str, Schema] = {}

    def schema(self, expression: ast.expr, place: Place) -> Schema:
        if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
            return self.schema(ast.parse(expression.value, mode="eval").body, place)
        if isinstance(expression, ast.BinOp):
            return self.one_of(_alternatives(expression), place)
        if isinstance(expression, ast.Subscript):
            return self.generic(expression, place)
        name = ast.unparse(expression)
        if name in PLAIN:
            return dict(PLAIN[name])
        if name == "UntypedStripeObject":
            return {"type": "object"}
        return self.class_schema(place.find(name))

    def generic(self, expression: ast.Subscript, place: Place) -> Schema:
        kind = ast.unparse(expression.value)
        inside = expression.slice.elts if isinstance(expression.slice, ast.Tuple) else [expression.slice]
        if kind == "Literal":
            return {"enum": [ast.literal_eval(value) for value in inside]}
        if kind == "NotRequired":
            return self.schema(inside[0], place)
        if kind == "Optional":
            return self.one_of([inside[0], ast.Constant(None)], place)
        if kind == "Union":
            return self.one_of(inside, place)
        if kind == "ExpandableField":
            return self.one_of([ast.Name("str"), inside[0]], place)
        if kind in {"List", "list"}:
            return {"type": "array", "items": self.schema(inside[0], place)}
        if kind in {"Dict", "dict", "UntypedStripeObject"}:
            return {"type": "object", "additionalProperties": self.schema(inside[-1], place)}
        if kind == "ListObject":
            return list_of(self.schema(inside[0], place))
        raise LookupError(f"{kind}[…] in {place.node.name}")

    def one_of(self, alternatives: list[ast.expr], place: Place) -> Schema:
        found: list[Schema] = []
        for alternative in alternatives:
            is_none = isinstance(alternative, ast.Constant) and alternative.value is None
            schema: Schema = {"type": "null"} if is_none else self.schema(alternative, place)
            for part in schema.get("anyOf", [schema]):
                if part not in found:
                    found.append(part)
        if words := [word for part in found for word in part.get("enum", ())]:
            found = [part for part in found if "enum" not in part]
            if {"type": "string"} not in found:
                found.append({"enum": words})
            elif words != [""]:
                # A list of words that may grow: those of today are right today.
                found = [{"enum": words} if part == {"type": "string"} else part for part in found]
        return found[0] if len(found) == 1 else {"anyOf": found}

    def class_schema(self, place: Place) -> Schema:
        kind = place.resource
        if not kind:
            is_request = ".params." in place.module.name
            return self.request(place) if is_request else self.answer(place)
        if kind not in RESOURCES:
            return {"type": "object", "required": ["object"], "properties": {"object": {"enum": [kind]}}}
        if kind not in self.objects:
            self.objects[kind] = {}
            self.objects[kind] = self.answer(place)
        return {"$ref": f"#/objects/{kind}"}

    def request(self, place: Place) -> Schema:
        fields = sorted(place.fields())
        required = [name for name, annotation in fields if "NotRequired" not in ast.unparse(annotation)]
        return {
            "type": "object",
            "properties": {name: self.schema(annotation, place) for name, annotation in fields},
            "required": required,
            "additionalProperties": False,
        }

    def answer(self, place: Place) -> Schema:
        properties = {name: self.schema(annotation, place) for name, annotation in sorted(place.fields())}
        required = [name for name, schema in properties.items() if not _is_nullable(schema) and name != "deleted"]
        return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _alternatives(expression: ast.expr) -> list[ast.expr]:
    if isinstance(expression, ast.BinOp):
        return [*_alternatives(expression.left), *_alternatives(expression.right)]
    return [expression]


def _is_nullable(schema: Schema) -> bool:
    return {"type": "null"} in schema.get("anyOf", [])


def list_of(schema: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {
            "object": {"enum": ["list"]},
            "data": {"type": "array", "items": schema},
            "has_more": {"type": "boolean"},
            "url": {"type": "string"},
        },
        "required": ["object", "data", "has_more", "url"],
        "additionalProperties": False,
    }


DELETED: Schema = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "object": {"type": "string"}, "deleted": {"enum": [True]}},
    "required": ["id", "object", "deleted"],
    "additionalProperties": False,
}
NOTHING: Schema = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}


def operations(reader: Reader) -> Iterator[tuple[str, dict[str, Schema]]]:
    """Each kept operation, as "POST /v1/refunds", with what it takes and what it answers."""
    for path in sorted(root().rglob("_*_service.py")):
        name = ".".join(["stripe", *path.relative_to(root()).with_suffix("").parts])
        for service in module(name).classes.values():
            for function in (node for node in service.body if isinstance(node, ast.FunctionDef)):
                key = _address(function)
                if key is None or key in LEFT_OUT or not KEPT.fullmatch(key.split()[1]):
                    continue
                place = Place(module(name), (service,))
                params = next((a.annotation for a in function.args.args if a.arg == "params"), None)
                request = reader.one_of([params], place) if params else {}
                taken = next((p for p in request.get("anyOf", [request]) if p.get("type") == "object"), NOTHING)
                answer = reader.schema(function.returns, place) if function.returns else {}
                yield key, {"request": taken, "answer": DELETED if key.startswith("DELETE") else answer}


def _address(function: ast.FunctionDef) -> str | None:
    """The method and the path that a function of a service sends its request to."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "_request":
            method, path = node.args[:2]
            if isinstance(path, ast.Call) and isinstance(path.func, ast.Attribute):
                path = path.func.value
            return f"{ast.literal_eval(method).upper()} {ast.literal_eval(path)}"
    return None


def api_version() -> str:
    for node in module("stripe._api_version").tree.body + [
        inner for c in module("stripe._api_version").classes.values() for inner in c.body
    ]:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "CURRENT":
            return str(ast.literal_eval(node.value))
    raise LookupError("the package names no API version")


def build() -> bytes:
    reader = Reader()
    found = dict(sorted(operations(reader)))
    document = {
        "version": api_version(),
        "source": f"stripe {version('stripe')} for Python, MIT licence",
        "operations": found,
        "objects": dict(sorted(reader.objects.items())),
    }
    return json.dumps(document, separators=(",", ":")).encode()


def main() -> None:
    document = build()
    STORED.write_bytes(gzip.compress(document, 9, mtime=0))
    sys.stdout.write(f"{STORED.name}: {len(document)} bytes, {STORED.stat().st_size} compressed\n")


if __name__ == "__main__":
    main()
