"""Check digits and forms of professional numbers."""

import csv
from pathlib import Path

import pytest

from providers import registers
from providers.registers import InvalidNumber, parse_number, register_named, registers_of

CASES = list(csv.DictReader((Path(__file__).parent / "data" / "identifiers.csv").read_text("utf-8").splitlines()))
STRICT = {"RPPS": registers.is_rpps, "ADELI": registers.is_adeli, "FINESS": registers.is_finess}


@pytest.mark.parametrize("row", CASES, ids=[f"{row['register']}-{number}" for number, row in enumerate(CASES)])
def test_published_and_made_numbers(row):
    assert STRICT[row["register"]](row["identifier"]) is (row["valid"] == "yes"), row["case"]


def test_the_cases_are_there():
    assert len(CASES) == 86


@pytest.mark.parametrize("number", ["00000000000", "10999990053\n", " 10999990053", ""])
def test_rpps_is_matched_from_end_to_end(number):
    assert not registers.is_rpps(number)


def test_national_identifier_and_blanks_are_read_as_the_rpps_within():
    rpps = register_named("RPPS", "FR")
    assert parse_number("8 10999990053", rpps) == parse_number("109 999.900-53", rpps) == "10999990053"


@pytest.mark.parametrize(
    ("country", "code", "good", "bad"),
    [
        ("GB", "GMC", "1234567", "123456"),
        ("GB", "NMC", "12A3456B", "12345678"),
        ("CH", "GLN", "7601000000019", "7601000000018"),
        ("US", "NPI", "1234567893", "1234567890"),
        ("AU", "AHPRA", "MED0001234567", "MED001234567"),
        ("BE", "INAMI", "1-00001-06-620", "1234567"),
        ("BR", "CRM", "123456/SP", "SP"),
        ("ZA", "HPCSA", "MP0123456", "0123456"),
        ("TH", "TMC", "12345", "1234567"),
        ("WS", "NATIONAL", "SMC-0012", "#"),
    ],
)
def test_foreign_registers(country, code, good, bad):
    register = register_named(code, country)
    assert parse_number(good.lower(), register)
    with pytest.raises(InvalidNumber) as refused:
        parse_number(bad, register)
    assert str(register.name) in str(refused.value.message)


def test_registers_depend_on_country_and_kind():
    assert [entry.code for entry in registers_of("FR", establishment=False)] == ["RPPS", "ADELI"]
    assert [entry.code for entry in registers_of("FR", establishment=True)] == ["FINESS"]
    assert [entry.code for entry in registers_of("WS", establishment=False)] == ["NATIONAL"]
    assert [entry.code for entry in registers_of("TH", establishment=True)] == ["ESTABLISHMENT"]
    assert register_named("RPPS", "GB") is None
