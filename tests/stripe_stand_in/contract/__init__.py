"""What Stripe's API accepts and answers: the checker for requests, answers and events.

    contract = Contract.load()
    contract.read_request("POST", "/v1/refunds", "charge=ch_1&amount=500")  # ({"charge": "ch_1", "amount": 500}, [])
    contract.problems_of_answer("POST", "/v1/refunds", answer)              # [] where the answer is sound

It knows the addresses that the product may use, and no others (`build.KEPT`).
"""

import gzip
import json
import re
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from . import forms
from .checks import Checker, Problem

Schema = dict[str, Any]
STORED = Path(__file__).with_name("contract.json.gz")


class NoSuchOperation(LookupError):
    """Stripe has no such address, or the product has no business there."""


class Contract:
    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.version: str = document["version"]
        self._checker = Checker(document["objects"])

    @classmethod
    @lru_cache
    def load(cls) -> "Contract":
        return cls(json.loads(gzip.decompress(STORED.read_bytes())))

    @cached_property
    def _routes(self) -> list[tuple[re.Pattern[str], str]]:
        return [
            (re.compile(re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(key))), key)
            for key in sorted(self.document["operations"], key=lambda key: key.count("{"))
        ]

    def find(self, method: str, path: str) -> tuple[str, tuple[str, ...]]:
        """The operation, as "POST /v1/refunds/{refund}", and the ids in the path."""
        for pattern, key in self._routes:
            if match := pattern.fullmatch(f"{method} {path}"):
                return key, match.groups()
        raise NoSuchOperation(f"Unrecognized request URL ({method}: {path}).")

    def read_request(self, method: str, path: str, form: str) -> tuple[dict[str, Any], list[Problem]]:
        """The parameters of a request, and what is wrong with them. `form` is the body, or the query of a GET."""
        key, _ids = self.find(method, path)
        schema = self.document["operations"][key]["request"]
        try:
            params = forms.typed(forms.decode(form), schema)
        except ValueError as error:
            return {}, [Problem("", str(error))]
        return params, self._problems(schema, params)

    def fields_of_answer(self, key: str) -> set[str]:
        """The fields that the answer of an operation has, and that may be expanded."""
        schema = self.document["operations"][key]["answer"]
        schema = self.document["objects"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema
        return set(schema["properties"])

    def problems_of_answer(self, method: str, path: str, body: Any) -> list[Problem]:
        key, _ids = self.find(method, path)
        if isinstance(body, dict) and body.get("deleted") is True:
            sound = {"id", "object", "deleted"} == set(body)
            return [] if sound else [Problem("", "a deleted object has id, object and deleted")]
        return self._problems(self.document["operations"][key]["answer"], body)

    def problems_of_object(self, kind: str, body: Any) -> list[Problem]:
        return self._problems({"$ref": f"#/objects/{kind}"}, body)

    def blank(self, kind: str, *path: str) -> dict[str, Any]:
        """An object, or a part of it ("charge", "billing_details"), with every field as empty as it may be."""
        schema = self.document["objects"][kind]
        for name in path:
            schema = next(part for part in _options(schema["properties"][name]) if part.get("type") == "object")
        blank: dict[str, Any] = self._blank(schema)
        return blank

    def _blank(self, schema: Schema) -> Any:
        first = _options(schema)[0]
        if {"type": "null"} in _options(schema):
            return None
        if "$ref" in first:
            return self.blank(first["$ref"].rsplit("/", 1)[1])
        if "enum" in first:
            return first["enum"][0]
        if first.get("type") == "object":
            return {name: self._blank(part) for name, part in first.get("properties", {}).items()}
        return {"array": [], "string": "", "integer": 0, "number": 0, "boolean": False}.get(first.get("type", ""))

    def _problems(self, schema: Schema, value: Any) -> list[Problem]:
        return sorted(self._checker.problems(schema, value), key=str)


def _options(schema: Schema) -> list[Schema]:
    options: list[Schema] = schema.get("anyOf", [schema])
    return options
