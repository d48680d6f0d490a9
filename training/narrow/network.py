"""The network of a small encoder in PyTorch: read from a served one, narrowed, and measured for rounding.

Needs the extra ``encoder`` of the package.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn.functional import embedding, gelu, normalize, relu

from training.narrow.graph import Range, Table
from triage.errors import ArtifactError

Pieces = Sequence[Sequence[int]]

_EPSILON: Final = 1e-12
_PARTS: Final = ("project", "out", "up", "down")
_NORMS: Final = ("after_out", "after_down")
_HIDDEN: Final = -1e4
_LIFT: Final = 0.05
#: Numbers of one head of attention.
HEAD_SIZE: Final = 32
#: Blocks of a text's vector; each has weights of its own for the pieces of the text.
BLOCKS: Final = 6
#: The share of texts whose lowest and highest states may lie outside the ranges of rounding.
_OUTSIDE: Final = 0.02
_READ_AT_ONCE: Final = 256


class Layer(nn.Module):
    """One layer of the transformer; the weights of its queries are divided by the root of a head's size.

    A ``straight`` one has rectified inner units, the wide one's are smooth (GELU), which costs more.
    """

    def __init__(self, width: int, heads: int, size: int, inner: int, *, straight: bool) -> None:
        super().__init__()
        self.heads, self.size, self.straight = heads, size, straight
        self.project, self.out = nn.Linear(width, 3 * heads * size), nn.Linear(heads * size, width)
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)
        self.after_out, self.after_down = (nn.LayerNorm(width, eps=_EPSILON) for _ in _NORMS)

    def forward(self, states: Tensor, hidden: Tensor) -> Tensor:
        """``(texts, pieces, width)`` in and out; ``hidden`` is added to what is attended to."""
        texts, pieces, _ = states.shape
        three = self.project(states).view(texts, pieces, 3, self.heads, self.size)
        query, key, value = three.permute(2, 0, 3, 1, 4).unbind(0)
        attention = torch.softmax(query @ key.transpose(-1, -2) + hidden, -1).to(value.dtype)
        mixed = (attention @ value).transpose(1, 2).reshape(texts, pieces, -1)
        states = self.after_out(self.out(mixed) + states)
        active = relu(self.up(states)) if self.straight else gelu(self.up(states))
        result: Tensor = self.after_down(self.down(active) + states)
        return result


class Network(nn.Module):
    """Vectors of texts.

    ``table`` ``(pieces and two ends, width)`` stays as it is, all else learns. A wide network reads a text between the
    two ends, whose states count nothing in the end. One that is ``adjusted`` reads the pieces alone, each with a few
    numbers of its own that shift its row of the table; they begin at 0.

    A text's vector is the sum of the states of its pieces, each block of their numbers weighted by how much that block
    attends to the piece; ``attend`` begins at equal weights, which is the mean.
    """

    def __init__(self, table: Tensor, places: Tensor, layers: Sequence[Layer], adjusted: int = 0) -> None:
        super().__init__()
        width = table.shape[1]
        self.register_buffer("table", table)
        self.places, self.norm = nn.Parameter(places.clone()), nn.LayerNorm(width, eps=_EPSILON)
        self.layers = nn.ModuleList(layers)
        self.attend = nn.Linear(width, BLOCKS, bias=False)
        nn.init.zeros_(self.attend.weight)
        self.adjusted = adjusted
        if adjusted:
            self.shift, self.lift = nn.Embedding(len(table), adjusted), nn.Linear(adjusted, width, bias=False)
            nn.init.zeros_(self.shift.weight)
            nn.init.normal_(self.lift.weight, std=_LIFT)

    def forward(self, pieces: Pieces, masked: float = 0.0) -> Tensor:
        """The vectors of texts, ``(texts, width)``, of length 1; a share of the pieces is not read."""
        numbers, read, own = self._laid_out(pieces)
        if masked:
            read = _kept(read, masked)
            own = own & read
        states = embedding(numbers, self.table) + self.places[: numbers.shape[1]]
        if self.adjusted:
            states = states + self.lift(self.shift(numbers)).float()
        states = self.norm(states)
        hidden = (_HIDDEN * (1.0 - read.float()))[:, None, None, :]
        for layer in self.layers:
            states = layer(states, hidden)
        counts = torch.softmax(self.attend(states).float() + _HIDDEN * (1.0 - own.float())[..., None], 1)
        blocks = states.float().unflatten(2, (BLOCKS, -1))
        return normalize((blocks * counts[..., None]).sum(1).flatten(1), dim=1)

    def _laid_out(self, pieces: Pieces) -> tuple[Tensor, Tensor, Tensor]:
        """Numbers of pieces, filled up to one length; which of them are read, and which count in the end."""
        ends = 0 if self.adjusted else 2
        longest = max(map(len, pieces)) + ends
        numbers = np.zeros((len(pieces), longest), np.int64)
        begin, end = len(self.table) - 2, len(self.table) - 1
        for row, own in zip(numbers, pieces, strict=True):
            row[: len(own) + ends] = [begin, *own, end] if ends else own
        sizes = np.array([len(own) + ends for own in pieces])
        read = np.arange(longest) < sizes[:, None]
        return torch.from_numpy(numbers), torch.from_numpy(read), torch.from_numpy(read & (numbers < begin))


def _kept(read: Tensor, masked: float) -> Tensor:
    """``read`` without a share of its places; the first place of a text stays where nothing else would."""
    kept = read & (torch.rand(read.shape) >= masked)
    kept[:, 0] |= ~kept.any(dim=1)
    return kept


def in_half() -> torch.autocast:
    """In which products are made with half the bits where the processor is made for it."""
    return torch.autocast("cpu", dtype=torch.bfloat16)


@torch.no_grad()
def vectors(network: Network, texts: Pieces) -> Tensor:
    """The vectors of many texts, ``(texts, width)``."""
    network.eval()
    found = torch.zeros(len(texts), network.table.shape[1])
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    for start in range(0, len(order), _READ_AT_ONCE):
        numbers = order[start : start + _READ_AT_ONCE]
        with in_half():
            found[numbers] = network([texts[number] for number in numbers])
    return found


def from_served(served: bytes, words: bytes) -> tuple[Network, Table]:
    """The network that serving runs, its 8-bit weights unpacked, and where its table of words lies in ``words``.

    Raises:
        ArtifactError: it is not a network of :func:`training.network.export` that shares its table of words.
    """
    arrays = {one.name: one for one in onnx.load_from_string(served).graph.initializer}
    try:
        table = _table(arrays)
        rows = np.frombuffer(words, np.uint8, table.shape[0] * table.shape[1], table.offset).reshape(table.shape)
        ends = [value for name, value in arrays.items() if value.dims == [1, table.shape[1]] and "Concat" in name]
        spread = (rows.astype(np.float32) - table.zero) * np.float32(table.scale)
        whole = torch.from_numpy(np.vstack([spread, *(numpy_helper.to_array(one) for one in ends)]))
        count = 1 + max(int(name.split(".")[1]) for name in arrays if name.startswith("layers."))
        layers = [_layer(arrays, f"layers.{number}.", table.shape[1]) for number in range(count)]
        network = Network(whole, _tensor(arrays, "places"), layers)
        _copy(network.norm, arrays, "norm")
    except (KeyError, ValueError) as error:
        raise ArtifactError(f"the encoder has no network that can be narrowed: {error}") from error
    return network, table


def _table(arrays: dict[str, Any]) -> Table:
    quantised = arrays["words.weight_quantized"]
    told = {one.key: one.value for one in quantised.external_data}
    scale, zero = (numpy_helper.to_array(arrays[f"words.weight_{name}"]) for name in ("scale", "zero_point"))
    return Table(int(told["offset"]), (int(quantised.dims[0]), int(quantised.dims[1])), float(scale), int(zero))


def _tensor(arrays: dict[str, Any], name: str) -> Tensor:
    return torch.from_numpy(numpy_helper.to_array(arrays[name]).copy())


def _weight(arrays: dict[str, Any], name: str) -> Tensor:
    """``(out, in)``, as PyTorch has it."""
    whole, scales = (_tensor(arrays, f"{name}.weight_Transposed_{part}") for part in ("quantized", "scale"))
    return (whole.float() * scales).T


def _layer(arrays: dict[str, Any], name: str, width: int) -> Layer:
    inner = _weight(arrays, f"{name}up").shape[0]
    layer = Layer(width, width // HEAD_SIZE, HEAD_SIZE, inner, straight=False)
    for part in _PARTS:
        own = getattr(layer, part)
        own.weight.data, own.bias.data = _weight(arrays, name + part), _tensor(arrays, f"{name}{part}.bias")
    for part in _NORMS:
        _copy(getattr(layer, part), arrays, name + part)
    return layer


def _copy(norm: Any, arrays: dict[str, Any], name: str) -> None:
    norm.weight.data, norm.bias.data = _tensor(arrays, f"{name}.weight"), _tensor(arrays, f"{name}.bias")


def narrowed(wide: Network, heads: int, inner: int, adjusted: int, texts: Pieces) -> Network:
    """A network with the ``heads`` and ``inner`` units of each layer that vary most on ``texts``.

    Of what is cut away the mean goes into the biases. Each piece gets ``adjusted`` numbers of its own.
    """
    seen = _seen(wide, texts, ("out", "down"))
    layers = [
        _narrowed(layer, heads, inner, seen[f"layers.{number}.out"], seen[f"layers.{number}.down"])
        for number, layer in enumerate(wide.layers)
    ]
    network = Network(wide.table, wide.places.data[1:-1], layers, adjusted)
    network.norm.load_state_dict(wide.norm.state_dict())
    return network


@torch.no_grad()
def _narrowed(layer: Any, heads: int, inner: int, mixed: Tensor, active: Tensor) -> Layer:
    size, width = layer.size, layer.out.out_features
    apart = (mixed - mixed.mean(0)).unflatten(1, (layer.heads, size))
    made = torch.einsum("pht,wht->phw", apart, layer.out.weight.unflatten(1, (layer.heads, size)))
    kept = made.norm(dim=2).mean(0).topk(heads).indices.sort().values
    units = (active.std(0) * layer.down.weight.norm(dim=0)).topk(inner).indices.sort().values
    columns = (kept[:, None] * size + torch.arange(size)).flatten()
    found = Layer(width, heads, size, inner, straight=True)
    rows = torch.cat([columns + part * layer.heads * size for part in range(3)])
    found.project.weight.data, found.project.bias.data = layer.project.weight[rows], layer.project.bias[rows]
    found.up.weight.data, found.up.bias.data = layer.up.weight[units], layer.up.bias[units]
    for name, chosen, given in (("out", columns, mixed), ("down", units, active)):
        old, new, gone = getattr(layer, name), getattr(found, name), given.mean(0)
        gone[chosen] = 0.0
        new.weight.data, new.bias.data = old.weight[:, chosen], old.bias + old.weight @ gone
    for name in _NORMS:
        getattr(found, name).load_state_dict(getattr(layer, name).state_dict())
    return found


def _seen(network: Network, texts: Pieces, parts: Sequence[str]) -> dict[str, Tensor]:
    """What goes into products while ``texts`` are read, ``(pieces, inputs)``: a third of the pieces is enough."""
    found: dict[str, list[Tensor]] = {}
    with _watched(network, parts, lambda name, given: found.setdefault(name, []).append(given.flatten(0, 1)[::3])):
        vectors(network, texts)
    return {name: torch.cat(rows) for name, rows in found.items()}


def ranges(network: Network, texts: Pieces) -> dict[str, Range]:
    """Between which states each product is rounded: all but the outermost texts lie within."""
    found: dict[str, list[tuple[float, float]]] = {}
    with (
        _watched(network, _PARTS, lambda name, given: found.setdefault(name, []).append(_ends(given))),
        torch.no_grad(),
    ):
        for text in texts:
            network([text])
    spans = {name: np.array(rows) for name, rows in found.items()}
    return {
        name: Range(float(np.quantile(rows[:, 0], _OUTSIDE)), float(np.quantile(rows[:, 1], 1 - _OUTSIDE)))
        for name, rows in spans.items()
    }


def _ends(given: Tensor) -> tuple[float, float]:
    return float(given.min()), float(given.max())


@contextmanager
def _watched(network: Network, parts: Sequence[str], watch: Any) -> Iterator[None]:
    """Calls ``watch`` with the name and the input of every product of ``parts``."""
    network.eval()
    hooks = [
        getattr(layer, part).register_forward_hook(
            lambda _, given, __, name=f"layers.{number}.{part}": watch(name, given[0].float())
        )
        for number, layer in enumerate(network.layers)
        for part in parts
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def weights(network: Network) -> dict[str, NDArray[np.float32]]:
    """All that :func:`training.narrow.graph.build` wants, by its name."""
    return {name: value.numpy() for name, value in network.state_dict().items() if name != "table"}
