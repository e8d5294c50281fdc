"""Protobuf fields, and a graph that ONNX Runtime reads back."""

import numpy as np
import onnxruntime as ort
import pytest

from app.llm import onnx_format as fmt


class TestFields:
    @pytest.mark.parametrize("value", [0, 1, 127, 128, 300, 2**32, 2**63])
    def test_numbers_come_back(self, value):
        assert [field.value for field in fmt.iter_fields(memoryview(fmt.encode_int_field(3, value)))] == [
            value
        ]

    def test_bytes_come_back(self):
        fields = list(
            fmt.iter_fields(
                memoryview(fmt.encode_bytes_field(9, b"x" * 300) + fmt.encode_bytes_field(16, b""))
            )
        )
        assert [(field.number, bytes(field.data)) for field in fields] == [(9, b"x" * 300), (16, b"")]

    def test_unknown_wire_type(self):
        with pytest.raises(ValueError, match="wire type 3"):
            list(fmt.iter_fields(memoryview(b"\x0b")))


class TestGraph:
    def test_what_is_written_runs_and_comes_back(self):
        graph = fmt.GraphBuilder()
        weight = graph.add_tensor("weight", np.array([[2, 0], [0, 3]], np.float32))
        product = graph.add_node("MatMul", ["given", weight], ["product"])
        graph.add_node("ReduceMax", [product], ["made"], axes=[-1], keepdims=0)
        model = fmt.encode_model(graph.encode_graph({"given": ["n", 2]}, {"made": ["n"]}))
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
        other = fmt.encode_bytes_field(5, fmt.encode_int_field(2, 10) + fmt.encode_bytes_field(8, b"half"))
        assert fmt.read_graph(memoryview(fmt.encode_bytes_field(7, other))) == ([], {})
