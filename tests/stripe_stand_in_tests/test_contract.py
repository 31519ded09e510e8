"""The contract is that of the installed library, and the checker is not blind."""

import copy
import gzip

import pytest
import stripe
from jsonschema import Draft202012Validator

from tests.stripe_stand_in.contract import Contract, build, forms
from tests.stripe_stand_in.contract.checks import KNOWN
from tests.stripe_stand_in.operations import OPERATIONS

CONTRACT = Contract.load()


def problems(method: str, path: str, form: str) -> str:
    return "; ".join(map(str, CONTRACT.read_request(method, path, form)[1]))


@pytest.mark.slow
def test_stored_contract_is_what_the_installed_package_says():
    assert gzip.decompress(build.STORED.read_bytes()) == build.build()


def test_contract_is_of_the_version_that_the_library_sends():
    assert CONTRACT.version == stripe.api_version


def test_each_operation_of_the_contract_is_answered():
    assert set(OPERATIONS) == set(CONTRACT.document["operations"])


def test_form_is_decoded_by_the_schema():
    form = "line_items[0][quantity]=2&line_items[0][price]=p&metadata[0]=a+b&mode=payment&expires_at=12"
    params, found = CONTRACT.read_request("POST", "/v1/checkout/sessions", form)
    assert found == []
    assert params == {
        "line_items": [{"quantity": 2, "price": "p"}],
        "metadata": {"0": "a b"},
        "mode": "payment",
        "expires_at": 12,
    }


def test_appended_values_and_empty_ones():
    assert forms.decode("a[]=x&a[]=y&b=&c[d][e]=1") == {"a": {"0": "x", "1": "y"}, "b": "", "c": {"d": {"e": "1"}}}


@pytest.mark.parametrize("form", ["a=1&a=2", "a[b]=1&a[b]=2", "a=1&a[b]=2"])
def test_a_parameter_given_twice_is_refused(form):
    with pytest.raises(ValueError, match=r"is given twice|is both"):
        forms.decode(form)


@pytest.mark.parametrize(
    ("method", "path", "form", "problem"),
    [
        ("POST", "/v1/refunds", "charge=ch_1&reason=changed_mind", "reason: 'changed_mind' is not one of"),
        ("POST", "/v1/transfers", "amount=150.00&currency=eur&destination=a", "amount: Invalid integer: 150.00"),
        ("POST", "/v1/transfers", "amount=5&currency=eur", "destination: Missing required param: destination"),
        ("POST", "/v1/checkout/sessions", "mode=pay", "mode: 'pay' is not one of"),
        ("POST", "/v1/checkout/sessions", "ui_mode=hosted", "ui_mode: 'hosted' is not one of"),
        ("POST", "/v1/checkout/sessions", "payment_method_types[0]=card", "Received unknown parameter"),
        (
            "POST",
            "/v1/checkout/sessions",
            "payment_intent_data[transfer_groups]=x",
            "payment_intent_data[transfer_groups]",
        ),
        (
            "POST",
            "/v1/payment_intents",
            "amount=10&currency=eur&confirm=yes",
            "confirm: 'yes' is not of type 'boolean'",
        ),
        ("GET", "/v1/events", "limitt=3", "limitt: Received unknown parameter: limitt"),
    ],
)
def test_wrong_requests_are_refused(method, path, form, problem):
    assert problem in problems(method, path, form)


@pytest.mark.parametrize("kind", sorted(CONTRACT.document["objects"]))
def test_every_object_may_be_blank(kind):
    assert CONTRACT.problems_of_object(kind, CONTRACT.blank(kind)) == []


@pytest.mark.parametrize("kind", sorted(CONTRACT.document["objects"]))
def test_checker_sees_what_is_wrong_with_an_object(kind):
    """Leave out each required field, misspell it, give it another type: each must be found."""
    sound = CONTRACT.blank(kind)
    required = CONTRACT.document["objects"][kind]["required"]
    assert required
    for name in required:
        without = {key: value for key, value in sound.items() if key != name}
        assert CONTRACT.problems_of_object(kind, without), f"{name} left out"
        assert CONTRACT.problems_of_object(kind, without | {f"{name}s": sound[name]}), f"{name} misspelt"
        assert CONTRACT.problems_of_object(kind, sound | {name: object()}), f"{name} of no type"
    assert CONTRACT.problems_of_object(kind, sound | {"invented": 1})


def variations(value):
    """The value with one thing changed, here or further inside: some of them are sound, most are not."""
    yield from (None, True, 3, 1.5, "word", "", [], {}, ["word"], {"object": "list"})
    if isinstance(value, dict):
        for name, inside in value.items():
            yield {key: one for key, one in value.items() if key != name}
            for one in variations(inside) if isinstance(inside, dict) else (None, 3, "word", True, {"id": "x"}):
                yield value | {name: one}
        yield value | {"invented": 1}


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(CONTRACT.document["objects"]))
def test_checker_agrees_with_a_full_validator(kind):
    validator = Draft202012Validator({"$ref": f"#/objects/{kind}", "objects": CONTRACT.document["objects"]})
    for value in variations(CONTRACT.blank(kind)):
        assert (CONTRACT.problems_of_object(kind, value) == []) == validator.is_valid(value), value


def test_contract_uses_no_word_that_the_checker_does_not_know():
    def words(schema: dict) -> set[str]:
        inside = [*schema.get("properties", {}).values(), *schema.get("anyOf", [])]
        inside += [schema[name] for name in ("items", "additionalProperties") if isinstance(schema.get(name), dict)]
        return set(schema).union(*map(words, inside))

    operations = CONTRACT.document["operations"].values()
    schemas = [part for operation in operations for part in operation.values()]
    assert set().union(*map(words, [*schemas, *CONTRACT.document["objects"].values()])) == KNOWN


@pytest.mark.parametrize("field", ["status", "capture_method"])
def test_checker_sees_a_word_that_does_not_exist(field):
    intent = copy.deepcopy(CONTRACT.blank("payment_intent")) | {field: "nearly"}
    assert f"{field}: 'nearly' is not one of" in str(CONTRACT.problems_of_object("payment_intent", intent)[0])


def test_checker_sees_into_expanded_fields():
    intent = CONTRACT.blank("payment_intent") | {"latest_charge": CONTRACT.blank("charge")}
    assert CONTRACT.problems_of_object("payment_intent", intent) == []
    intent["latest_charge"]["status"] = "nearly"
    assert CONTRACT.problems_of_object("payment_intent", intent)
