"""Compile one catalogue of translations: compile_messages.py FILE.po FILE.mo

Babel's own command skips a whole file whose header is marked as unfinished; here only unfinished entries are left
out. A translation that lost a placeholder is an error: it would fail where somebody reads it.
"""

import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po


def main() -> None:
    source, target = map(Path, sys.argv[1:])
    with source.open("rb") as file:
        catalog = read_po(file, locale=source.parts[-3])
    broken = [f"{source}:{message.lineno}: {error}" for message, errors in catalog.check() for error in errors]
    if broken:
        sys.exit("\n".join(broken))
    with target.open("wb") as file:
        write_mo(file, catalog)


if __name__ == "__main__":
    main()
