# Made of the lists in Django 5.2.19 (BSD-3-Clause), zxcvbn 4.5.0 and @zxcvbn-ts/language-common 4.1.3 (both MIT).
import gzip
from functools import cache
from pathlib import Path

from application.ports.common_passwords import CommonPasswords

_LIST = Path(__file__).with_name("common_passwords.txt.gz")


class ShippedCommonPasswords(CommonPasswords):
    """Some 71,000 passwords, words and names, which come with the product: no service is asked about a password. Those
    of letters alone begin at 5 characters, for they are passwords with a year behind them; the others at 8. They
    are read at the latest when the first one is looked for, and take 7 MiB."""

    def load(self) -> None:
        """Read them now: blocks for some 20 ms."""
        _listed()

    def __contains__(self, text: object, /) -> bool:
        return text in _listed()


@cache
def _listed() -> frozenset[str]:
    return frozenset(gzip.decompress(_LIST.read_bytes()).decode("ascii").splitlines())
