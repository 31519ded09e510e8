"""Whether a value is what a schema describes: the part of JSON Schema that the contract is written in.

A test compares it with a full validator; this one takes a fraction of the time, and every answer is checked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]
Path = tuple[str, ...]
TYPES: dict[str, tuple[type, ...]] = {
    "array": (list,),
    "boolean": (bool,),
    "integer": (int,),
    "null": (type(None),),
    "number": (int, float),
    "object": (dict,),
    "string": (str,),
}
KNOWN = {"$ref", "additionalProperties", "anyOf", "enum", "items", "properties", "required", "type"}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong; `code` is Stripe's word for it, or nothing."""

    param: str
    message: str
    code: str | None = None

    def __str__(self) -> str:
        return f"{self.param or '(body)'}: {self.message}"


class Checker:
    def __init__(self, objects: dict[str, Schema]) -> None:
        self.objects = objects

    def problems(self, schema: Schema, value: Any, path: Path = ()) -> Iterator[Problem]:
        if "$ref" in schema:
            schema = self.objects[schema["$ref"].rsplit("/", 1)[1]]
        if "anyOf" in schema:
            yield from self._of_alternatives(schema["anyOf"], value, path)
        elif "enum" in schema:
            if value not in schema["enum"]:
                yield Problem(written(path), f"{value!r} is not one of {schema['enum']}"[:300])
        elif "type" in schema:
            if _is_of_type(value, schema["type"]):
                yield from self._inside(schema, value, path)
            else:
                yield _wrong_type(value, schema["type"], path)

    def _of_alternatives(self, options: list[Schema], value: Any, path: Path) -> Iterator[Problem]:
        """Nothing where one of them fits; otherwise what is wrong with the one that comes closest."""
        closest: list[Problem] | None = None
        for option in options:
            found = list(self.problems(option, value, path))
            if not found:
                return
            # A problem further inside means that the value is of the right kind.
            if closest is None or _depth(found) > _depth(closest):
                closest = found
        yield from closest or ()

    def _inside(self, schema: Schema, value: Any, path: Path) -> Iterator[Problem]:
        if isinstance(value, list) and "items" in schema:
            for index, one in enumerate(value):
                yield from self.problems(schema["items"], one, (*path, str(index)))
        elif isinstance(value, dict):
            known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
            for name in schema.get("required", ()):
                if name not in value:
                    where = written((*path, name))
                    yield Problem(where, f"Missing required param: {where}.", "parameter_missing")
            for name, one in value.items():
                if name in known:
                    yield from self.problems(known[name], one, (*path, name))
                elif others is False:
                    where = written((*path, name))
                    yield Problem(where, f"Received unknown parameter: {where}", "parameter_unknown")
                elif others is not True:
                    yield from self.problems(others, one, (*path, name))


def _is_of_type(value: Any, name: str) -> bool:
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _wrong_type(value: Any, name: str, path: Path) -> Problem:
    if name == "integer":
        return Problem(written(path), f"Invalid integer: {value}"[:300], "parameter_invalid_integer")
    return Problem(written(path), f"{value!r} is not of type '{name}'"[:300])


def _depth(problems: list[Problem]) -> int:
    return max(problem.param.count("[") + bool(problem.param) for problem in problems)


def written(path: Path) -> str:
    return "".join(part if index == 0 else f"[{part}]" for index, part in enumerate(path))
