"""Refusals, in the form in which Stripe gives them."""

from typing import Any


class StripeRefusal(Exception):
    """The answer is an error object. What was done before it was raised stays done, as with Stripe."""

    def __init__(self, status: int, type_: str, message: str, **fields: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": type_, "message": message, **{k: v for k, v in fields.items() if v is not None}}}


def invalid(message: str, *, code: str | None = None, param: str | None = None, status: int = 400) -> StripeRefusal:
    return StripeRefusal(status, "invalid_request_error", message, code=code, param=param)


def missing(kind: str, id_: str, param: str | None = None) -> StripeRefusal:
    noun = kind.replace(".", " ").replace("_", " ")
    return invalid(f"No such {noun}: '{id_}'", code="resource_missing", param=param or "id", status=404)


def declined(message: str, code: str, decline_code: str | None = None, **fields: Any) -> StripeRefusal:
    return StripeRefusal(402, "card_error", message, code=code, decline_code=decline_code, **fields)
