"""The SMS gateway outbox://DIRECTORY of development and tests, in the terms of apprise. Importing it registers it."""

from pathlib import Path
from urllib.parse import unquote

from apprise.decorators import notify

from .outbox import append_sms


@notify(on="outbox", name="MEDICAIM outbox")
def write_sms(body: str, title: str, notify_type: str, *args, meta: dict, **kwargs) -> bool:
    """The last part of the address is the number. apprise takes the first part of an absolute path for a host."""
    directory, _, number = f"/{meta['host']}{meta['fullpath']}".rpartition("/")
    append_sms(Path(unquote(directory)), unquote(number), body)
    return True
