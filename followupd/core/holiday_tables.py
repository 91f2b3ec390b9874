"""The door to the tables of public holidays: those of one country, without those of all the others.

Decides nothing. It is the one place that looks at which modules are loaded already.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from holidays import HolidayBase


def countries() -> dict[str, tuple[str, ...]]:
    """Of each country the names that the library knows it by: one of its own, and the two codes of ISO 3166-1."""
    from holidays.registry import COUNTRIES

    return COUNTRIES


def tables(country: str, **asked: Any) -> HolidayBase:
    """The library's tables of one country. It loads those of all 250 with the first, 8 MB of them, unless each is loaded by itself."""
    import holidays

    if "holidays.countries" not in sys.modules:
        package = find_spec("holidays.countries")
        if package is not None and package.submodule_search_locations:
            alone = module_from_spec(package)  # not carried out: its only purpose is to import everything
            sys.modules["holidays.countries"] = alone
    try:
        return holidays.country_holidays(country, **asked)
    except ImportError:  # its tables lean on the package as a whole after all
        del sys.modules["holidays.countries"]
        import_module("holidays.countries")
        return holidays.country_holidays(country, **asked)
