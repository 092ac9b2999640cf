"""Packed linear layers: what the layers gave before, and their weights given back."""

import pytest
import torch
from torch import nn

from ragkit.models import linear
from ragkit.models.linear import pack_weights

needs_onednn = pytest.mark.skipif(not linear._has_onednn(), reason="oneDNN on x86 only")


def layers(dtype=torch.float32):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(48, 64), nn.GELU(), nn.Linear(64, 16, bias=False)).to(dtype).eval()


@needs_onednn
@pytest.mark.parametrize("shape", [(48,), (1, 48), (2, 7, 48), (0, 48)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_values_are_those_of_the_layers(shape, dtype):
    if not linear._multiplies(dtype):
        pytest.skip("this processor has no bfloat16 products")
    model, states = layers(dtype), torch.randn(shape, dtype=dtype)
    with torch.inference_mode():
        before = model(states)
        pack_weights(model)
        torch.testing.assert_close(model(states), before)


@needs_onednn
def test_the_rows_are_given_back_and_their_number_format_is_still_known():
    model = layers()
    pack_weights(model)
    weights = [layer.weight for layer in model[::2]]
    assert all(weight.is_meta and weight.dtype == torch.float32 for weight in weights)
    assert [weight.shape for weight in weights] == [(64, 48), (16, 64)]


@needs_onednn
def test_a_weight_that_another_layer_shares_stays_with_it():
    words = nn.Embedding(50, 16)
    head = nn.Linear(16, 50, bias=False)
    head.weight = words.weight
    pack_weights(nn.ModuleList([words, head]))
    with torch.inference_mode():
        torch.testing.assert_close(head(words.weight[:3]), words.weight[:3] @ words.weight.T)


@pytest.mark.parametrize("machine", ["arm64", "aarch64"])
def test_another_processor_keeps_its_layers(monkeypatch, machine):
    monkeypatch.setattr("platform.machine", lambda: machine)
    model = layers()
    pack_weights(model)
    assert not model[0].weight.is_meta


def test_what_onednn_does_not_multiply_stays():
    model = layers(torch.float16)
    pack_weights(model)
    assert not model[0].weight.is_meta


@needs_onednn
def test_a_layer_of_another_kind_stays():
    class Special(nn.Linear):
        pass

    model = nn.Sequential(Special(4, 4))
    pack_weights(model)
    assert not model[0].weight.is_meta


@needs_onednn
def test_what_is_left_holds_no_part_of_the_weights_file(tmp_path):
    from safetensors.torch import load_file, save_file

    save_file(layers().state_dict(), tmp_path / "model.safetensors")
    model = layers()
    model.load_state_dict(load_file(tmp_path / "model.safetensors"), assign=True)
    states = torch.ones(48)
    before, places = model(states), {weight.data_ptr() for weight in model.parameters()}
    pack_weights(model)
    assert model[0].bias.data_ptr() not in places
    torch.testing.assert_close(model(states), before)
