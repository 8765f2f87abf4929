"""What a slot may read once it is warm: what has been imported, and what that needs."""

import os
import sys

_SYSTEM = ("/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/share/zoneinfo")
_DEVICES = ("/dev/null", "/dev/urandom", "/dev/random")


def places(private: list[str]) -> list[str]:
    """The packages that are imported, the standard library and system libraries; no folder with a private one in it."""
    library = os.path.dirname(os.__file__)
    kept = {os.path.realpath(place) for place in [*private, f"{library}/site-packages", f"{library}/dist-packages"]}
    folders = dict.fromkeys(os.path.realpath(folder) for folder in (library, *_SYSTEM) if os.path.isdir(folder))
    return [*(place for folder in folders for place in _around(folder, kept)), *sorted(_packages(library)), *_DEVICES]


def _around(place: str, kept: set[str]) -> list[str]:
    """A place, or so much of what is in it as holds nothing that is kept private."""
    if place in kept:
        return []
    if not any(each.startswith(f"{place}/") for each in kept):
        return [place]
    return [found for name in sorted(os.listdir(place)) for found in _around(f"{place}/{name}", kept)]


def _packages(library: str) -> set[str]:
    """Folders (or files) of what is imported from outside the standard library, and the libraries they bundle."""
    found: set[str] = set()
    for name, module in list(sys.modules.items()):
        if "." in name or name in ("grader", "__main__"):
            continue
        places = list(getattr(module, "__path__", None) or [getattr(module, "__file__", None) or ""])
        found.update(
            os.path.realpath(place) for place in places if place and _foreign(os.path.realpath(place), library)
        )
    for site in filter(os.path.isdir, {os.path.dirname(place) for place in found}):
        found.update(f"{site}/{name}" for name in os.listdir(site) if name.endswith(".libs"))
    return {place for place in found if not place.endswith("-packages")}


def _foreign(place: str, library: str) -> bool:
    return not place.startswith(f"{library}/") or place.startswith(
        (f"{library}/site-packages/", f"{library}/dist-packages/")
    )
