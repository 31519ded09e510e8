"""Which amounts Stripe takes. An amount is a number of minor units: cents, yen, or thousandths that end in 0."""

from .errors import invalid

ZERO_DECIMAL = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof", "xpf"]
)
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
LARGEST = 99_999_999
#: The smallest charge where it is not half a unit of the currency (50 units where it has no decimals).
SMALLEST = {"gbp": 30, "dkk": 250, "nok": 300, "sek": 300, "czk": 1500, "pln": 200, "huf": 17500, "mxn": 1000,
            "hkd": 400, "thb": 1000, "aed": 200, "ron": 200}  # fmt: skip


def unit(currency: str) -> int:
    """How many minor units make one of the currency."""
    return 1 if currency in ZERO_DECIMAL else 1000 if currency in THREE_DECIMAL else 100


def check_amount(amount: int, currency: str, param: str = "amount") -> None:
    """Whether the amount can be written in the currency at all."""
    if len(currency) != 3 or not currency.isalpha() or currency != currency.lower():
        raise invalid(f"Invalid currency: {currency}.", param="currency")
    if amount < 1:
        raise invalid("This value must be greater than or equal to 1.", code="parameter_invalid_integer", param=param)
    if currency in THREE_DECIMAL and amount % 10:
        raise invalid("Invalid amount: the last digit of a three-decimal amount must be 0.", param=param)


def check_charge(amount: int, currency: str, param: str = "amount") -> None:
    """Whether so much can be charged."""
    check_amount(amount, currency, param)
    if amount > LARGEST:
        raise invalid(f"Amount must be no more than {LARGEST}.", code="amount_too_large", param=param)
    smallest = SMALLEST.get(currency, 50 if currency in ZERO_DECIMAL else unit(currency) // 2)
    if amount < smallest:
        raise invalid(f"Amount must be at least {smallest} {currency}.", code="amount_too_small", param=param)


def fee_of(amount: int, currency: str) -> int:
    """What Stripe keeps of a charge: 1.5 % and a quarter of a unit."""
    fee = amount * 15 // 1000 + unit(currency) // 4
    return fee - fee % 10 if currency in THREE_DECIMAL else fee


def dispute_fee(currency: str) -> int:
    return 20 * unit(currency)
