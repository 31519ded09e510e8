"""Professional identity numbers: which register a country has, and what a number of it looks like.

Pure: no database, no network. A number that passes may still belong to nobody: only a person who compares it
with the register itself can say so, and careteam records that (`Registration.checked_at`). A check digit is
asked for only where the rule of it is published and exact; elsewhere the form of the number is all that is
looked at, because refusing a real number is worse than asking a person to look.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medicaim.common.errors import DomainError

_SEPARATORS = re.compile(r"[\s.]+")


class InvalidNumber(DomainError):
    """The number cannot be one of that register."""


def luhn_holds(digits: str) -> bool:
    """Whether the last of these ASCII digits is the Luhn key of the others."""
    total = 0
    for place, sign in enumerate(reversed(digits)):
        value = int(sign) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_rpps(number: str) -> bool:
    """RPPS: eleven digits, the last one the Luhn key. Eleven zeros pass Luhn and are nobody."""
    return bool(re.fullmatch("[0-9]{11}", number)) and number != "0" * 11 and luhn_holds(number)


def is_adeli(number: str) -> bool:
    """ADELI: nine signs that start with the department (2A, 2B; 9A to 9F overseas). No check digit is published."""
    return bool(re.fullmatch("[0-9][0-9A-F][0-9]{7}", number))


def is_finess(number: str) -> bool:
    """FINESS: nine signs with a Luhn key, where the letters of Corsica count as A = 1 and B = 2."""
    if not re.fullmatch("(?:[0-9]{2}|2[AB])[0-9]{7}", number):
        return False
    return number != "0" * 9 and luhn_holds(number.replace("A", "1").replace("B", "2"))


def is_npi(number: str) -> bool:
    """The NPI of the United States: ten digits, Luhn over them with 80840 in front."""
    return bool(re.fullmatch("[12][0-9]{9}", number)) and luhn_holds("80840" + number)


def is_gln(number: str) -> bool:
    """The GLN of Swiss health professionals: thirteen digits from 7601, with the EAN check digit."""
    if not re.fullmatch("7601[0-9]{9}", number):
        return False
    total = sum(int(sign) * (3 if place % 2 else 1) for place, sign in enumerate(number[:-1]))
    return (10 - total % 10) % 10 == int(number[-1])


def _shaped(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda number: bool(compiled.fullmatch(number))


@dataclass(frozen=True, slots=True)
class Register:
    """One register of one country. `help` says to a person what the number looks like."""

    code: str
    name: str | Promise
    help: str | Promise
    accepts: Callable[[str], bool]
    for_establishments: bool = False


def _people(code: str, name: str | Promise, help_text: str | Promise, accepts: Callable[[str], bool]) -> Register:
    return Register(code, name, help_text, accepts)


_ANY = _shaped("[A-Z0-9][A-Z0-9/-]{2,39}")

#: The registers of each country, the usual one first. Names of registers are proper names and stay as they are.
REGISTERS: dict[str, tuple[Register, ...]] = {
    "FR": (
        _people("RPPS", "RPPS", _("11 digits, on your professional card."), is_rpps),
        _people("ADELI", "ADELI", _("9 signs, for professions that have no RPPS number yet."), is_adeli),
        Register("FINESS", "FINESS", _("9 signs, the number of the establishment."), is_finess, True),
    ),
    "GB": (
        _people("GMC", "General Medical Council (GMC)", _("7 digits."), _shaped("[0-9]{7}")),
        _people("GDC", "General Dental Council (GDC)", _("4 to 6 digits."), _shaped("[0-9]{4,6}")),
        _people(
            "NMC",
            "Nursing and Midwifery Council (NMC)",
            _("2 digits, a letter, 4 digits, a letter."),
            _shaped("[0-9]{2}[A-Z][0-9]{4}[A-Z]"),
        ),
        _people("HCPC", "Health and Care Professions Council (HCPC)", _("Letters and digits."), _ANY),
        Register("CQC", "Care Quality Commission (CQC)", _("Starts with 1-."), _shaped("1-[0-9]{6,12}"), True),
    ),
    "DE": (
        _people("LANR", "Lebenslange Arztnummer (LANR)", _("9 digits."), _shaped("[0-9]{9}")),
        _people("EFN", "Einheitliche Fortbildungsnummer (EFN)", _("15 digits from 80276."), _shaped("80276[0-9]{10}")),
        Register("IK", "Institutionskennzeichen (IK)", _("9 digits."), _shaped("[0-9]{9}"), True),
    ),
    "ES": (_people("OMC", "Número de colegiado", _("4 to 9 digits."), _shaped("[0-9]{4,9}")),),
    "IT": (_people("FNOMCEO", "FNOMCeO", _("Your number in the order, 1 to 10 digits."), _shaped("[0-9]{1,10}")),),
    "BE": (_people("INAMI", "INAMI / RIZIV", _("8 or 11 digits."), _shaped("[0-9]{8}(?:[0-9]{3})?")),),
    "CH": (_people("GLN", "MedReg (GLN)", _("13 digits from 7601."), is_gln),),
    "NL": (_people("BIG", "BIG-register", _("11 digits."), _shaped("[0-9]{11}")),),
    "PT": (_people("OM", "Ordem dos Médicos", _("4 to 6 digits."), _shaped("[0-9]{4,6}")),),
    "IE": (_people("IMC", "Irish Medical Council", _("5 or 6 digits."), _shaped("[0-9]{5,6}")),),
    "AT": (_people("OEAK", "Österreichische Ärztekammer", _("5 to 7 digits."), _shaped("[0-9]{5,7}")),),
    "MA": (
        _people("INPE", "INPE", _("9 digits."), _shaped("[0-9]{9}")),
        _people("CNOM", "Ordre National des Médecins (CNOM)", _("Up to 8 digits."), _shaped("[0-9]{1,8}")),
    ),
    "TN": (_people("CNOM", "Ordre des médecins (CNOM)", _("Up to 8 digits."), _shaped("[0-9]{1,8}")),),
    "DZ": (_people("CNODM", "Ordre des médecins", _("Up to 8 digits."), _shaped("[0-9]{1,8}")),),
    "US": (
        _people("NPI", "National Provider Identifier (NPI)", _("10 digits."), is_npi),
        Register("NPI-2", "National Provider Identifier (NPI)", _("10 digits."), is_npi, True),
    ),
    "CA": (_people("COLLEGE", "College of Physicians", _("Letters and digits."), _ANY),),
    "MX": (_people("CEDULA", "Cédula profesional", _("7 or 8 digits."), _shaped("[0-9]{7,8}")),),
    "BR": (
        _people(
            "CRM",
            "Conselho Regional de Medicina (CRM)",
            _("4 to 7 digits and the two letters of the state."),
            _shaped("[0-9]{4,7}[-/]?[A-Z]{2}|[A-Z]{2}[-/]?[0-9]{4,7}"),
        ),
    ),
    "TR": (_people("DIPLOMA", "Diploma tescil", _("4 to 10 digits."), _shaped("[0-9]{4,10}")),),
    "IN": (_people("NMC", "National Medical Commission (NMC)", _("With the state council's letters."), _ANY),),
    "NP": (_people("NMC", "Nepal Medical Council", _("Up to 6 digits."), _shaped("[0-9]{1,6}")),),
    "TH": (_people("TMC", "Medical Council of Thailand", _("3 to 6 digits."), _shaped("[0-9]{3,6}")),),
    "JP": (_people("ISEKI", "医籍登録番号", _("Up to 7 digits."), _shaped("[0-9]{1,7}")),),
    "AU": (_people("AHPRA", "AHPRA", _("3 letters and 10 digits."), _shaped("[A-Z]{3}[0-9]{10}")),),
    "NZ": (_people("MCNZ", "Medical Council of New Zealand", _("4 to 6 digits."), _shaped("[0-9]{4,6}")),),
    "ZA": (_people("HPCSA", "HPCSA", _("2 or 3 letters and 7 digits."), _shaped("[A-Z]{2,3}[0-9]{7}")),),
    "AE": (_people("DOH", "DHA / DOH / MOHAP", _("Letters and digits."), _ANY),),
}

_FALLBACK_PERSON = Register(
    "NATIONAL", _("The register of your profession"), _("3 to 40 letters and digits, as the register writes it."), _ANY
)
_FALLBACK_ESTABLISHMENT = Register(
    "ESTABLISHMENT",
    _("The register of health establishments"),
    _("3 to 40 letters and digits, as the register writes it."),
    _ANY,
    True,
)


def registers_of(country: str, *, establishment: bool) -> tuple[Register, ...]:
    """The registers in which a person, or an establishment, of that country (ISO 3166 alpha-2) may stand."""
    own = tuple(entry for entry in REGISTERS.get(country, ()) if entry.for_establishments == establishment)
    return own or (_FALLBACK_ESTABLISHMENT if establishment else _FALLBACK_PERSON,)


def register_named(code: str, country: str) -> Register | None:
    """The register of that code in that country, if there is one."""
    candidates = (*REGISTERS.get(country, ()), _FALLBACK_PERSON, _FALLBACK_ESTABLISHMENT)
    return next((entry for entry in candidates if entry.code == code), None)


def parse_number(raw: str, register: Register) -> str:
    """The number as the register writes it, without blanks and dots. InvalidNumber where it cannot be one.

    The national French identifier is the RPPS with an 8 in front: it is accepted and cut.
    """
    number = _SEPARATORS.sub("", raw).upper()
    if register.code == "RPPS" and len(number) == 12 and number.startswith("8"):
        number = number[1:]
    if register.code not in ("CQC", "NATIONAL", "ESTABLISHMENT", "HCPC", "COLLEGE", "NMC", "DOH", "CRM"):
        number = number.replace("-", "").replace("/", "")
    if len(number) > 40 or not register.accepts(number):
        raise InvalidNumber(
            _("This is not a number of %(register)s: %(help)s Please compare it with your card or certificate.")
            % {"register": register.name, "help": register.help}
        )
    return number
