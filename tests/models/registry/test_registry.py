"""The registry on disk: versions appear whole or not at all, and nothing that could run code is taken."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from registered import add_version, lineage, write_version

from openaisle.errors import ModelError, ModelNotFound, StorageError
from openaisle.models.registry import Registry, write_lineage


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models")


def test_an_empty_registry(registry: Registry) -> None:
    assert registry.names() == []
    assert registry.versions("anything") == []
    assert registry.latest("anything") is None
    with pytest.raises(ModelNotFound, match="openaisle train"):
        registry.get("anything")


def test_versions_count_up_and_are_found_by_name_and_number(registry: Registry) -> None:
    first, second = add_version(registry), add_version(registry)
    add_version(registry, "another")
    assert [first.reference, second.reference] == ["shop-encoder@1", "shop-encoder@2"]
    assert registry.names() == ["another", "shop-encoder"]
    assert registry.versions("shop-encoder") == [first, second]
    assert registry.get("shop-encoder") == registry.latest("shop-encoder") == second
    assert registry.get("shop-encoder@1") == registry.get("model:shop-encoder@1") == first
    assert first.setting == "model:shop-encoder@1"
    assert second.manifest().version == "2"
    for version in (first, second):
        version.verify()


@pytest.mark.parametrize("reference", ["", "@1", "a@0", "a@x", "../a", "A", "a@1@2", "a b", "-a", "a-", ".a", "a" * 65])
def test_what_no_model_is_called(registry: Registry, reference: str) -> None:
    with pytest.raises(ModelNotFound, match="NAME@VERSION"):
        registry.get(reference)


def test_unknown_names_and_versions_are_told_with_those_there_are(registry: Registry) -> None:
    add_version(registry)
    with pytest.raises(ModelNotFound, match="shop-encoder"):
        registry.get("encoder")
    with pytest.raises(ModelNotFound, match=r"no version 7.*There are: 1"):
        registry.get("shop-encoder@7")


def test_a_block_that_fails_leaves_no_version(registry: Registry) -> None:
    def breaks(_folder: Path) -> None:
        raise RuntimeError("training broke")

    with pytest.raises(RuntimeError):
        add_version(registry, spoil=breaks)
    assert registry.versions("shop-encoder") == []
    assert add_version(registry).number == 1


def _pickled(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(pickle.dumps({"weights": [1.0]}))


def _packed(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / name, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({}))


@pytest.mark.parametrize(
    "name", ["pytorch_model.bin", "weights/optimizer.pt", "weights/model.safetensors", "notes.txt"]
)
@pytest.mark.parametrize("write", [_pickled, _packed])
def test_what_is_pickled_is_refused_whatever_it_is_called(
    registry: Registry, name: str, write: Callable[[Path, str], None]
) -> None:
    with pytest.raises(ModelError, match="pickled"):
        add_version(registry, spoil=lambda folder: write(folder, name))
    assert registry.versions("shop-encoder") == []


def test_files_of_other_kinds_and_links_are_refused(registry: Registry) -> None:
    with pytest.raises(ModelError, match="of a kind"):
        add_version(registry, spoil=lambda folder: (folder / "modeling.py").write_text("print('hello')"))
    with pytest.raises(ModelError, match="is a link"):
        add_version(registry, spoil=lambda folder: (folder / "more.json").symlink_to("/etc/hostname"))
    assert registry.names() == []


def test_a_model_of_another_kind_than_its_task_is_refused(registry: Registry) -> None:
    with pytest.raises(ModelError, match="kind reranker, not encoder"):
        add_version(registry, kind="reranker", dimensions=1)


def test_safetensors_whose_header_looks_like_a_pickle_are_taken(registry: Registry) -> None:
    header = b'{"__metadata__":{}}'.ljust(0x280)
    with registry.stage("shop-encoder") as folder:
        write_version(folder)
        (folder / "weights").mkdir()
        (folder / "weights" / "model.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)
    registry.get("shop-encoder").verify()


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json", "manifest.json", "lineage.json"])
def test_an_incomplete_version_does_not_appear(registry: Registry, missing: str) -> None:
    with pytest.raises(ModelError):
        add_version(registry, spoil=lambda folder: (folder / missing).unlink())
    assert registry.names() == []


def test_a_base_for_training_needs_weights_only(registry: Registry) -> None:
    with pytest.raises(ModelError, match="weights"), registry.stage("words") as folder:
        write_lineage(folder, lineage("words", task="mlm"))
    with registry.stage("words") as folder:
        write_lineage(folder, lineage("words", task="mlm"))
        (folder / "weights").mkdir()
        (folder / "weights" / "config.json").write_text("{}")
    assert registry.get("words").lineage().task == "mlm"


def test_damage_is_told(registry: Registry) -> None:
    changed, added, lost, foreign = (add_version(registry) for _ in range(4))
    (changed.folder / "card.md").write_text("better than it is")
    with pytest.raises(ModelError, match=r"card\.md is corrupt"):
        changed.verify()
    (added.folder / "more.json").write_text("{}")
    with pytest.raises(ModelError, match=r"more\.json was not there"):
        added.verify()
    (lost.folder / "model.onnx").unlink()
    with pytest.raises(ModelError, match=r"model\.onnx is missing"):
        lost.verify()
    (foreign.folder / "SHA256SUMS").unlink()
    with pytest.raises(ModelError, match="no SHA256SUMS"):
        foreign.verify()


def test_the_sums_are_in_the_format_of_sha256sum(registry: Registry) -> None:
    version = add_version(registry)
    subprocess.run(["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=version.folder, check=True, capture_output=True)


def test_a_deleted_number_is_not_given_again(registry: Registry) -> None:
    add_version(registry)
    add_version(registry)
    assert registry.delete("shop-encoder@2").reference == "shop-encoder@2"
    assert [version.number for version in registry.versions("shop-encoder")] == [1]
    assert add_version(registry).number == 3
    registry.delete("shop-encoder@3")
    registry.delete("shop-encoder@1")
    assert registry.names() == []
    assert add_version(registry).number == 4
    with pytest.raises(ModelNotFound):
        registry.delete("shop-encoder@1")


def test_killed_while_writing_a_version(registry: Registry) -> None:
    add_version(registry)
    script = (
        "import sys, time; from pathlib import Path; from registered import write_version;"
        "from openaisle.models.registry import Registry\n"
        f"with Registry(Path({str(registry.folder)!r})).stage('shop-encoder') as folder:\n"
        "    write_version(folder); print(folder, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=Path(__file__).parent, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    left = Path(process.stdout.readline().strip())
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert left.is_dir()
    assert [version.number for version in registry.versions("shop-encoder")] == [1]
    assert add_version(registry).number == 2
    assert not left.exists()


def test_a_full_disk_leaves_no_version(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("openaisle.models.registry.disk.os.fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        add_version(registry)
    monkeypatch.undo()
    assert registry.names() == []
