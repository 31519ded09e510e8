"""Pure rules about ages."""

from datetime import date


def age_on(date_of_birth: date, today: date) -> int:
    """Full years lived on `today`. Somebody born on 29 February is a year older on 1 March of a short year."""
    before_birthday = (today.month, today.day) < (date_of_birth.month, date_of_birth.day)
    return today.year - date_of_birth.year - before_birthday


def is_adult(date_of_birth: date, today: date, *, adult_age: int) -> bool:
    """Whether the person is of legal age on `today`, which is the date where the person is (Rules 1, point 2)."""
    return age_on(date_of_birth, today) >= adult_age
