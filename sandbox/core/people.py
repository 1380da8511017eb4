"""Made-up people and companies: the same number and seed always give the same ones."""

from collections.abc import Sequence


def _words(text: str, separator: str | None = None) -> tuple[str, ...]:
    return tuple(text.split(separator))


FIRST_NAMES = _words(
    "Ada Amir Anna Ben Bianca Carlos Chloe Dana David Elena Emil Fatima Felix Grace Hana Hugo Ida Ines Ivan Jana "
    "Jonas Julia Kaito Karim Lara Leo Lina Lucas Maja Marco Maria Mei Milo Nadia Nils Nora Olga Omar Paula Pavel "
    "Priya Rafael Rosa Sami Sara Sofia Tariq Theo Tomas Vera Yara Yusuf Zoe"
)
LAST_NAMES = _words(
    "Abel Adler Almeida Andersen Baker Bauer Bell Bianchi Brandt Cho Costa Diaz Dubois Eriksen Fischer Foster Garcia "
    "Gruber Haddad Hansen Hill Ito Jensen Kaya Keller Khan Kim Klein Kovac Larsen Lind Lopez Martin Meyer Mori Moreau "
    "Nagy Novak Okafor Olsen Park Patel Petrov Reyes Ricci Rossi Sato Silva Singh Stone Suzuki Tan Torres Vargas "
    "Weber Wolf Yilmaz Young Zhang"
)
JOBS = _words(
    "Account Manager,Analyst,Buyer,Consultant,Controller,Designer,Director,Engineer,Head of Operations,Office Manager,"
    "Product Manager,Project Lead,Sales Representative,Support Specialist,Team Lead",
    ",",
)
COMPANY_WORDS = _words(
    "Alder Amber Aspen Beacon Birch Bright Cedar Clear Cobalt Copper Coral Delta Ember Falcon Granite Harbor Iron "
    "Juniper Lake Lantern Maple Meridian North Oak Orchid Pine Quarry River Saffron Silver Summit Tidal Umber Valley "
    "Willow"
)
COMPANY_TRADES = _words("Analytics Bakery Consulting Foods Freight Health Labs Logistics Media Systems Tools Works")
MAIL_DOMAINS = ("example.com", "example.org", "example.net")


def pick(words: Sequence[str], seed: int, index: int, salt: int) -> str:
    return words[scatter(seed, index, salt) % len(words)]


def scatter(seed: int, index: int, salt: int) -> int:
    """32 bits that look random and are not (the finisher of MurmurHash3)."""
    x = (index * 0x9E3779B1 + seed * 0x85EBCA77 + salt * 0xC2B2AE3D) & 0xFFFFFFFF
    x = ((x ^ (x >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    x = ((x ^ (x >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return x ^ (x >> 16)


def company(seed: int, index: int) -> str:
    return f"{pick(COMPANY_WORDS, seed, index, 11)} {pick(COMPANY_TRADES, seed, index, 12)}"
