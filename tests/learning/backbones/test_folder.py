"""Folders and names: what opens, what is refused, and what is kept when a backbone is saved."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import huggingface_hub.constants
import pytest
import torch

from openaisle.errors import ModelError
from openaisle.learning.backbones import open_backbone
from openaisle.learning.backbones.centring import Centring
from openaisle.learning.backbones.layers import evenly, layer_stack


@pytest.fixture
def folder(tiny_base: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_base, tmp_path / "model"))


def test_a_folder_opens_ready_to_train(folder: Path) -> None:
    (folder / "README.md").write_text("---\nlicense: apache-2.0\n---\n# A model\n")
    backbone = open_backbone(str(folder), max_tokens=32, dropout=0.25)
    assert (backbone.name, backbone.licence, backbone.width) == ("model", "apache-2.0", 32)
    assert backbone.tokenizer.model_max_length == 32
    assert backbone.model.training
    rates = {module.p for module in backbone.model.modules() if isinstance(module, torch.nn.Dropout)}
    assert rates == {0.25}


def test_no_weight_is_out_of_reach_of_a_loss(folder: Path) -> None:
    backbone = open_backbone(str(folder), max_tokens=32)
    batch = backbone.tokenizer(["red cup"], return_tensors="pt")
    backbone.model(batch["input_ids"], attention_mask=batch["attention_mask"]).last_hidden_state.sum().backward()
    assert all(parameter.grad is not None for parameter in backbone.model.parameters())


def test_prompts_of_sentence_transformers_are_prefixes(folder: Path) -> None:
    prompts = {"prompts": {"query": "ask: ", "passage": "say: "}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    backbone = open_backbone(str(folder), max_tokens=32)
    assert (backbone.query_prefix, backbone.document_prefix) == ("ask: ", "say: ")


def test_what_is_saved_opens_again(folder: Path, tmp_path: Path) -> None:
    plain = open_backbone(str(folder), max_tokens=32, dropout=0.0)
    scripts = torch.randint(0, 2, (plain.config.vocab_size, 2), dtype=torch.uint8)
    centring = Centring(scripts, torch.randn(32), torch.randn(32))
    replace(plain, licence="MIT", query_prefix="ask ", finish=centring).save(tmp_path / "saved")
    again = open_backbone(str(tmp_path / "saved"), max_tokens=32, dropout=0.0)
    assert (again.name, again.licence, again.query_prefix, again.document_prefix) == ("model", "MIT", "ask ", "")
    assert again.finish is not None
    torch.testing.assert_close(again.finish.state_dict(), centring.state_dict())
    ids = torch.tensor([[0, 5, 6, 2]])
    torch.testing.assert_close(again.model(ids).last_hidden_state, plain.model(ids).last_hidden_state)


def test_pickled_weights_are_refused_unread(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    with pytest.raises(ModelError, match="pickled"):
        open_backbone(str(folder), max_tokens=32)


def test_code_beside_a_model_is_not_run(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "made-up", "auto_map": {"AutoConfig": "own.Own", "AutoModel": "own.Own"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text(f"open({str(folder / 'ran')!r}, 'w')\n")
    with pytest.raises(ModelError, match="cannot be opened"):
        open_backbone(str(folder), max_tokens=32)
    assert not (folder / "ran").exists()


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors", "tokenizer.json"])
def test_an_incomplete_folder_is_refused(folder: Path, missing: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(ModelError):
        open_backbone(str(folder), max_tokens=32)


def test_a_damaged_file_is_refused(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot be opened"):
        open_backbone(str(folder), max_tokens=32)


def test_a_name_that_cannot_be_had_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="no model nobody/nothing here and no hub"):
        open_backbone("nobody/nothing", max_tokens=32)


def test_a_folder_that_is_not_there_is_not_looked_for_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model folder"):
        open_backbone(str(tmp_path / "nowhere"), max_tokens=32)


def test_more_tokens_than_the_model_has_places_for_are_refused(folder: Path) -> None:
    with pytest.raises(ModelError, match="at most 130"):
        open_backbone(str(folder), max_tokens=131)


def test_layers_are_kept_evenly(folder: Path) -> None:
    assert evenly(12, 4) == [2, 5, 8, 11]
    assert evenly(12, 12) == list(range(12))
    whole = open_backbone(str(folder), max_tokens=32)
    half = open_backbone(str(folder), max_tokens=32, layers=1)
    assert half.config.num_hidden_layers == 1
    torch.testing.assert_close(layer_stack(half.model)[0].state_dict(), layer_stack(whole.model)[1].state_dict())
    with pytest.raises(ModelError, match="has 2 layers"):
        open_backbone(str(folder), max_tokens=32, layers=3)


def test_centring_of_fewer_pieces() -> None:
    scripts = torch.tensor([[0, 0], [1, 0], [0, 1], [1, 0]], dtype=torch.uint8)
    centring = Centring(scripts, torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]))
    vectors = torch.tensor([[0.6, 0.8]])
    fewer, all_ = centring.select(torch.tensor([0, 2, 3])), torch.ones(1, 4)
    torch.testing.assert_close(
        fewer(vectors, torch.tensor([[1, 2, 2, 0]]), all_), centring(vectors, torch.tensor([[2, 3, 3, 0]]), all_)
    )
