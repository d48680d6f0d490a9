"""A sentence encoder of the BERT family as the network that serving runs: exported, cut to size, 8 bits a weight.

Needs the extra ``encoder`` of the package (PyTorch, Transformers, ONNX); serving needs none of them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from triage.errors import ArtifactError
from triage.scoring.encoder import WORDS

_OPSET: Final = 17
#: What the quantised table of words is called in a network.
_TABLE: Final = "words.weight_quantized"
_CLS, _SEP, _UNKNOWN = "[CLS]", "[SEP]", "[UNK]"


class Layer(nn.Module):
    """One layer of the transformer, for one text, its three projections in one product."""

    def __init__(self, layer: Any, heads: int) -> None:
        super().__init__()
        own = layer.attention.self
        three = (own.query, own.key, own.value)
        width = own.query.in_features
        self.heads, self.size = heads, width // heads
        self.project = nn.Linear(width, 3 * width)
        scales = (1 / math.sqrt(self.size), 1.0, 1.0)  # the query's spares the network a division
        self.project.weight.data = torch.cat([s * one.weight for s, one in zip(scales, three, strict=True)]).detach()
        self.project.bias.data = torch.cat([s * one.bias for s, one in zip(scales, three, strict=True)]).detach()
        self.out, self.after_out = layer.attention.output.dense, layer.attention.output.LayerNorm
        self.up, self.down, self.after_down = layer.intermediate.dense, layer.output.dense, layer.output.LayerNorm

    def forward(self, states: Tensor) -> Tensor:
        """``(pieces, width)`` in and out."""
        heads, size = self.heads, self.size
        query, key, value = self.project(states).view(-1, 3, heads, size).permute(1, 2, 0, 3).unbind(0)
        attention = torch.softmax(torch.matmul(query, key.transpose(1, 2)), -1)
        mixed = torch.matmul(attention, value).transpose(0, 1).reshape(-1, heads * size)
        states = self.after_out(self.out(mixed) + states)
        result: Tensor = self.after_down(self.down(nn.functional.gelu(self.up(states))) + states)
        return result


class Network(nn.Module):
    """Word pieces ``(pieces,)`` of one text in, their states in context ``(pieces, width)`` out.

    ``kept`` maps the numbers of the shipped vocabulary to those of the model's own.
    """

    def __init__(self, model: Any, kept: Tensor, ends: Tensor, longest: int) -> None:
        super().__init__()
        embeddings = model.embeddings
        words = embeddings.word_embeddings.weight.detach()
        places = embeddings.position_embeddings.weight + embeddings.token_type_embeddings.weight[0]
        self.words = nn.Embedding.from_pretrained(words[kept].clone())
        self.ends = nn.Parameter(words[ends].clone())
        self.places = nn.Parameter(places.detach()[: longest + len(ends)].clone())
        self.norm = embeddings.LayerNorm
        self.layers = nn.ModuleList(Layer(one, model.config.num_attention_heads) for one in model.encoder.layer)

    def forward(self, pieces: Tensor) -> Tensor:
        states = torch.cat([self.ends[:1], self.words(pieces), self.ends[1:]])
        states = self.norm(states + self.places[: states.shape[0]])
        for layer in self.layers:
            states = layer(states)
        return states[1:-1]


def vocabularies(shipped: Mapping[str, int], own: Mapping[str, int]) -> tuple[Tensor, Tensor]:
    """For each piece of the shipped vocabulary its number in the model's own, and the two ends of a text.

    Raises:
        ArtifactError: the model's vocabulary is of another kind.
    """
    if not {_CLS, _SEP, _UNKNOWN} <= set(own):
        raise ArtifactError("the encoder's vocabulary is not that of BERT")
    in_order = sorted(shipped, key=lambda piece: shipped[piece])
    kept = torch.tensor([own.get(piece, own[_UNKNOWN]) for piece in in_order])
    return kept, torch.tensor([own[_CLS], own[_SEP]])


def export(
    model: Any, shipped_tokenizer: bytes, own_tokenizer: bytes, longest: int, words: bytes | None = None
) -> bytes:
    """The network of ``model`` (a Transformers BERT) over the shipped vocabulary, quantised to 8 bits.

    Weights get 7 of the 8 bits, one scale per column: processors without VNNI overflow on full 8-bit products.
    ``words`` is another network with the same table of words: the network is then written without it, and says
    where in the other it lies.

    Raises:
        ArtifactError: the model's vocabulary is of another kind, or ``words`` has another table.
    """
    shipped, own = (json.loads(source)["model"]["vocab"] for source in (shipped_tokenizer, own_tokenizer))
    network = Network(model.eval().float(), *vocabularies(shipped, own), longest).eval()
    with TemporaryDirectory() as folder:
        full, small = Path(folder, "full.onnx"), Path(folder, "small.onnx")
        torch.onnx.export(
            network,
            (torch.arange(9),),
            str(full),
            input_names=["pieces"],
            output_names=["states"],
            dynamic_axes={"pieces": {0: "pieces"}, "states": {0: "pieces"}},
            opset_version=_OPSET,
            dynamo=False,
        )
        quantize_dynamic(full, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)
        return small.read_bytes() if words is None else without_words(small.read_bytes(), words)


def without_words(network: bytes, words: bytes) -> bytes:
    """``network`` without its table of words, which is read from ``words`` when it is run.

    Raises:
        ArtifactError: ``words`` does not have the very bytes of that table.
    """
    model = onnx.load_from_string(network)
    (table,) = [one for one in model.graph.initializer if one.name == _TABLE]
    place = words.find(table.raw_data)
    if place < 0:
        raise ArtifactError("the other network has another table of words")
    told = {"location": WORDS, "offset": str(place), "length": str(len(table.raw_data))}
    table.ClearField("raw_data")
    table.data_location = onnx.TensorProto.EXTERNAL
    for name, value in told.items():
        table.external_data.add(key=name, value=value)
    found: bytes = model.SerializeToString()
    return found
