"""Protobuf fields, and a graph that ONNX Runtime reads back."""

import numpy as np
import onnxruntime as ort
import pytest

from app.llm import onnx_format as fmt


class TestFields:
    @pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**32, 2**63])
    def test_numbers_come_back(self, value):
        assert [field.value for field in fmt.read(memoryview(fmt.write_number(3, value)))] == [value]

    def test_bytes_come_back(self):
        fields = list(fmt.read(memoryview(fmt.write(9, b"x" * 300) + fmt.write(16, b""))))
        assert [(field.number, bytes(field.data)) for field in fields] == [(9, b"x" * 300), (16, b"")]

    def test_unknown_wire_type(self):
        with pytest.raises(ValueError, match="wire type 3"):
            list(fmt.read(memoryview(b"\x0b")))


class TestGraph:
    def test_what_is_written_runs_and_comes_back(self):
        graph = fmt.Graph()
        weight = graph.hold("weight", np.array([[2, 0], [0, 3]], np.float32))
        product = graph.add("MatMul", ["given", weight], ["product"])
        graph.add("ReduceMax", [product], ["made"], axes=[-1], keepdims=0)
        model = fmt.model(graph.whole({"given": ["n", 2]}, {"made": ["n"]}))
        session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
        made = session.run(None, {"given": np.array([[1, 1], [5, -1]], np.float32)})[0]
        assert np.asarray(made).tolist() == [3, 10]

        nodes, tensors = fmt.read_graph(memoryview(model))
        assert [(node.op, node.inputs, node.outputs) for node in nodes] == [
            ("MatMul", ["given", "weight"], ["product"]),
            ("ReduceMax", ["product"], ["made"]),
        ]
        assert tensors["weight"].tolist() == [[2, 0], [0, 3]]

    def test_a_graph_without_tensors_of_a_known_type(self):
        other = fmt.write(5, fmt.write_number(2, 10) + fmt.write(8, b"half"))
        assert fmt.read_graph(memoryview(fmt.write(7, other))) == ([], {})
