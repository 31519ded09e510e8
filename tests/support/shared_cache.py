"""A cache that several people share, as a proxy in front of the site would be: it keeps all that it may keep."""

import re
from collections.abc import Callable
from typing import Any


class SharedCache:
    """Answers from what it has kept where HTTP allows that (RFC 9111), else asks the site and keeps what it may.

    `ask(path, headers)` is one person's way to the site. What says `no-cache` is kept, and asked about before use.
    """

    def __init__(self) -> None:
        self.kept: dict[str, list[tuple[dict[str, str], Any]]] = {}
        self.hits = self.confirmed = 0

    def get(self, ask: Callable[[str, dict[str, str]], Any], path: str, headers: dict[str, str]) -> Any:
        """The answer for somebody who asks with these headers (names in lower case)."""
        found = next((kept for asked, kept in self.kept.get(path, []) if self._fits(asked, headers)), None)
        if found is not None and self._is_fresh(found):
            self.hits += 1
            return found
        condition = {"if-none-match": found["ETag"]} if found is not None and found.has_header("ETag") else {}
        answer = ask(path, {**headers, **condition})
        if found is not None and answer.status_code == 304:
            self.confirmed += 1
            return found
        if self._may_keep(answer):
            asked = {name: headers.get(name, "") for name in self._vary(answer)}
            self.kept.setdefault(path, []).insert(0, (asked, answer))
        return answer

    @staticmethod
    def _vary(answer: Any) -> list[str]:
        return [name.strip().lower() for name in answer.get("Vary", "").split(",") if name.strip()]

    @staticmethod
    def _fits(asked: dict[str, str], headers: dict[str, str]) -> bool:
        return all(headers.get(name, "") == value for name, value in asked.items())

    @staticmethod
    def _is_fresh(answer: Any) -> bool:
        rules = answer.get("Cache-Control", "")
        age = re.search(r"max-age=(\d+)", rules)
        return "no-cache" not in rules and age is not None and int(age[1]) > 0

    @staticmethod
    def _may_keep(answer: Any) -> bool:
        """Everything that is not forbidden: more than a careful proxy would keep."""
        rules = answer.get("Cache-Control", "")
        is_forbidden = "private" in rules or "no-store" in rules or bool(answer.cookies) or answer.get("Vary") == "*"
        return answer.status_code == 200 and not is_forbidden
