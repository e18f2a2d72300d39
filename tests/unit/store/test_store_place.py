from __future__ import annotations

from pathlib import Path

import pytest

from paceline.store.place import access, is_local, make_folder

MOUNTS = """\
/dev/vda / ext4 rw,relatime 0 0
server:/home /home nfs4 rw 0 0
tmpfs /home/me/fast tmpfs rw 0 0
//server/share /mnt/with\\040space cifs rw 0 0
/dev/sdb /over ext4 rw 0 0
grpc /over fuse.remote rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "local"),
    [
        ("/srv/project", True),
        ("/home/me/project", False),
        ("/home/me/fast/project", True),
        ("/homework", True),
        ("/mnt/with space/project", False),
        ("/over", False),
    ],
)
def test_the_innermost_mount_decides_whether_a_folder_is_local(folder: str, *, local: bool) -> None:
    assert is_local(Path(folder), mounts=MOUNTS) is local


def test_an_unknown_file_system_counts_as_remote(tmp_path: Path) -> None:
    assert not is_local(tmp_path, mounts="")
    assert not is_local(tmp_path, mounts="thing / strangefs rw 0 0")


@pytest.mark.parametrize(("folder", "ignored"), [(".paceline", True), ("perf/figures", False)])
def test_only_the_projects_own_folder_keeps_itself_out_of_git(
    tmp_path: Path, folder: str, *, ignored: bool
) -> None:
    path = tmp_path / folder / "paceline.sqlite"
    make_folder(path)
    make_folder(path)
    assert [file.read_text() for file in path.parent.iterdir()] == ["*\n"] * ignored


def test_an_empty_file_counts_as_none(tmp_path: Path) -> None:
    path = tmp_path / "paceline.sqlite"
    path.touch()
    assert (access(path).there, access(path).writable) == (False, True)
