"""A small network as the graph that serving runs: texts of one length side by side, 8 bits a weight and a state.

What is multiplied is rounded by ranges that were measured once and are written into the graph. So a text's numbers
do not depend on what it is read with, as they would where each call rounds by what it is given.

Needs the extra ``encoder`` of the package (ONNX); serving does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from triage.scoring.encoder import WORDS

Floats = NDArray[np.float32]

_OPSET: Final = 18
#: ONNX's own version of a file, which goes with the operators; a newer one would ask for a newer ONNX Runtime.
_FORMAT: Final = 10
#: Fused operators of ONNX Runtime.
_FUSED: Final = "com.microsoft"
#: Weights get 7 of the 8 bits: processors without VNNI overflow on full 8-bit products.
_LARGEST_WEIGHT: Final = 63
_LARGEST_STATE: Final = 255
_EPSILON: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Range:
    """Between which numbers the states lie that are multiplied at one place."""

    lowest: float
    highest: float

    @property
    def scale(self) -> np.float32:
        return np.float32((max(self.highest, 0.0) - min(self.lowest, 0.0)) / _LARGEST_STATE or 1.0)

    @property
    def zero(self) -> np.uint8:
        """The whole number that stands for 0."""
        return np.uint8(np.clip(np.rint(-min(self.lowest, 0.0) / self.scale), 0, _LARGEST_STATE))


@dataclass(frozen=True, slots=True)
class Table:
    """Where the table of word pieces lies in another network's bytes, and what its 8 bits mean."""

    offset: int
    shape: tuple[int, int]
    scale: float
    zero: int


class _Graph:
    """Nodes and arrays as they are added; every method returns the name of what it makes."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.arrays: dict[str, onnx.TensorProto] = {}

    def array(self, name: str, value: Any) -> str:
        if name not in self.arrays:
            self.arrays[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def add(self, operator: str, inputs: Sequence[str], output: str, domain: str = "", **told: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], domain=domain, **told))
        return output

    def words(self, table: Table) -> str:
        """The table of word pieces, which lies elsewhere."""
        tensor = onnx.TensorProto(name="words", data_type=TensorProto.UINT8, dims=table.shape)
        tensor.data_location = TensorProto.EXTERNAL
        told = {"location": WORDS, "offset": str(table.offset), "length": str(table.shape[0] * table.shape[1])}
        for key, value in told.items():
            tensor.external_data.add(key=key, value=value)
        self.arrays["words"] = tensor
        return "words"


def build(weights: Mapping[str, Floats], ranges: Mapping[str, Range], heads: int, table: Table) -> bytes:
    """The graph of a :class:`training.narrow.network.Network` with these ``weights``.

    Its input ``pieces`` is ``(texts, pieces)``, its output ``states`` ``(texts, pieces, width)``: of each piece its
    state, as much as it counts. ``ranges`` has an entry for each product of the layers, by its name.
    """
    graph = _Graph()
    states = _embedded(graph, weights, table)
    count = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("layers."))
    for number in range(count):
        states = _layer(graph, weights, ranges, f"layers.{number}.", states, heads)
    _pooled(graph, weights, states)
    inside = helper.make_tensor_value_info("pieces", TensorProto.INT64, ["texts", "pieces"])
    width = int(weights["norm.weight"].shape[0])
    outside = helper.make_tensor_value_info("states", TensorProto.FLOAT, ["texts", "pieces", width])
    made = helper.make_graph(graph.nodes, "encoder", [inside], [outside], list(graph.arrays.values()))
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_FUSED, 1)])
    model.ir_version = _FORMAT
    found: bytes = model.SerializeToString(deterministic=True)
    return found


def _embedded(graph: _Graph, weights: Mapping[str, Floats], table: Table) -> str:
    """The pieces of a text, each with numbers of its own and its place."""
    rows = _unpacked(graph, "words", graph.words(table), np.float32(table.scale), np.uint8(table.zero))
    shift, lift = weights["shift.weight"][: table.shape[0]], weights["lift.weight"]
    span = Range(float(shift.min()), float(shift.max()))
    packed = np.clip(np.rint(shift / span.scale) + span.zero, 0, _LARGEST_STATE).astype(np.uint8)
    small = _unpacked(graph, "shift", graph.array("shift", packed), span.scale, span.zero)
    shifted = graph.add("Add", [rows, graph.add("MatMul", [small, graph.array("lift", lift.T)], "lifted")], "shifted")
    size = graph.add(
        "Slice", [graph.add("Shape", ["pieces"], "size"), graph.array("1", [1]), graph.array("2", [2])], "n"
    )
    places = graph.add("Slice", [graph.array("places", weights["places"]), graph.array("0", [0]), size], "own_places")
    return _norm(graph, weights, "norm", graph.add("Add", [shifted, places], "placed"))


def _unpacked(graph: _Graph, name: str, packed: str, scale: np.float32, zero: np.uint8) -> str:
    """The rows of the pieces in a table of 8 bits."""
    rows = graph.add("Gather", [packed, "pieces"], f"{name}.rows")
    told = [graph.array(f"{name}.scale", scale), graph.array(f"{name}.zero", zero)]
    return graph.add("DequantizeLinear", [rows, *told], f"{name}.unpacked")


def _norm(graph: _Graph, weights: Mapping[str, Floats], name: str, states: str) -> str:
    arrays = [graph.array(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias")]
    return graph.add("LayerNormalization", [states, *arrays], f"{name}.out", axis=-1, epsilon=_EPSILON)


def _rounded(graph: _Graph, name: str, states: str, span: Range) -> list[str]:
    """``states`` in 8 bits, their scale, and what stands for 0."""
    scale, zero = graph.array(f"{name}.scale", span.scale), graph.array(f"{name}.zero", span.zero)
    return [graph.add("QuantizeLinear", [states, scale, zero], f"{name}.rounded"), scale, zero]


def _product(graph: _Graph, rounded: Sequence[str], name: str, weight: Floats, bias: Floats) -> str:
    """``weight`` is ``(out, in)``, as PyTorch has it; each output has a scale of its own."""
    states, scale, zero = rounded
    scales = (np.abs(weight).max(axis=1) / _LARGEST_WEIGHT).astype(np.float32)
    whole = np.rint(weight / scales[:, None]).astype(np.int8).T
    arrays = {"weight": whole, "weight_scale": scales, "weight_zero": np.zeros(len(scales), np.int8), "bias": bias}
    own = {part: graph.array(f"{name}.{part}", value) for part, value in arrays.items()}
    inputs = [states, own["weight"], scale, own["weight_scale"], zero, own["weight_zero"], own["bias"]]
    return graph.add("MatMulIntegerToFloat", inputs, f"{name}.out", _FUSED)


def _layer(
    graph: _Graph, weights: Mapping[str, Floats], ranges: Mapping[str, Range], name: str, states: str, heads: int
) -> str:
    def product(part: str, given: str) -> str:
        rounded = _rounded(graph, name + part, given, ranges[name + part])
        return _product(graph, rounded, name + part, weights[f"{name}{part}.weight"], weights[f"{name}{part}.bias"])

    mixed = _attention(graph, weights, ranges, name, states, heads)
    after = graph.add("Add", [product("out", mixed), states], f"{name}with_out")
    states = _norm(graph, weights, f"{name}after_out", after)
    active = graph.add("Relu", [product("up", states)], f"{name}active")
    after = graph.add("Add", [product("down", active), states], f"{name}with_down")
    return _norm(graph, weights, f"{name}after_down", after)


def _attention(
    graph: _Graph, weights: Mapping[str, Floats], ranges: Mapping[str, Range], name: str, states: str, heads: int
) -> str:
    rounded = _rounded(graph, f"{name}project", states, ranges[f"{name}project"])
    weight, bias = (np.split(weights[f"{name}project.{part}"], 3) for part in ("weight", "bias"))
    width = weight[0].shape[0]
    apart = graph.array(f"{heads} heads", [0, 0, heads, width // heads])
    orders = {"query": [0, 2, 1, 3], "key": [0, 2, 3, 1], "value": [0, 2, 1, 3]}
    turned = []
    for (part, order), own, added in zip(orders.items(), weight, bias, strict=True):
        made = _product(graph, rounded, f"{name}{part}", own, added)
        split = graph.add("Reshape", [made, apart], f"{name}{part}.apart")
        turned.append(graph.add("Transpose", [split], f"{name}{part}.turned", perm=order))
    query, key, value = turned
    likeness = graph.add("MatMul", [query, key], f"{name}likeness")
    attention = graph.add("Softmax", [likeness], f"{name}attention", axis=-1)
    mixed = graph.add("MatMul", [attention, value], f"{name}mixed")
    back = graph.add("Transpose", [mixed], f"{name}mixed.turned", perm=[0, 2, 1, 3])
    return graph.add("Reshape", [back, graph.array("together", [0, 0, width])], f"{name}mixed.together")


def _pooled(graph: _Graph, weights: Mapping[str, Floats], states: str) -> None:
    """The states of the pieces, each block of their numbers as much as the piece counts there."""
    weight = weights["attend.weight"]
    blocks, width = weight.shape
    wanted = graph.add("MatMul", [states, graph.array("attend", weight.T)], "wanted")
    counts = graph.add("Unsqueeze", [graph.add("Softmax", [wanted], "counts", axis=1), graph.array("-1", [-1])], "each")
    apart = graph.add("Reshape", [states, graph.array("blocks", [0, 0, blocks, width // blocks])], "apart")
    graph.add("Reshape", [graph.add("Mul", [apart, counts], "counted"), graph.array("flat", [0, 0, width])], "states")
