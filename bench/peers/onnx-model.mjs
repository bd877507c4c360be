// A recurrent layer as an ONNX model: the fields of onnx.proto that it needs, encoded by protobufjs.
import protobuf from "protobufjs";

const { root } = protobuf.parse(
  `
  syntax = "proto3";
  message Attribute { string name = 1; int64 i = 3; int32 type = 20; }
  message Node { repeated string input = 1; repeated string output = 2; string op_type = 4; repeated Attribute attribute = 5; }
  message Tensor { repeated int64 dims = 1; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
  message Dimension { int64 dim_value = 1; }
  message Shape { repeated Dimension dim = 1; }
  message TensorType { int32 elem_type = 1; Shape shape = 2; }
  message Type { TensorType tensor_type = 1; }
  message ValueInfo { string name = 1; Type type = 2; }
  message Graph { repeated Node node = 1; string name = 2; repeated Tensor initializer = 5; repeated ValueInfo input = 11; repeated ValueInfo output = 12; }
  message Opset { string domain = 1; int64 version = 2; }
  message Model { int64 ir_version = 1; string producer_name = 2; Graph graph = 7; repeated Opset opset_import = 8; }
`,
  { keepCase: true },
);

const [FLOAT, INT] = [1, 2];

/** Blocks of rows, one a gate, in another order. */
function reorder({ data }, order) {
  const block = data.length / order.length;
  const out = new Float32Array(data.length);
  order.forEach((gate, to) => out.set(data.subarray(gate * block, (gate + 1) * block), to * block));
  return out;
}

/** The bytes of a model with inputs X [time, batch, input], h0 (, c0) and outputs Y, Y_h (, Y_c). */
export function onnxModel({ cell, hidden, input = hidden, time = 1, batch = 1, array }) {
  const lstm = cell === "lstm";
  const order = lstm ? [0, 3, 1, 2] : [1, 0, 2]; // i, o, f, c and z, r, h
  const states = lstm ? ["h0", "c0"] : ["h0"];
  const gates = order.length;
  const weight = (name, dims, data) => ({
    name,
    dims,
    data_type: FLOAT,
    raw_data: new Uint8Array(Float32Array.from(data).buffer),
  });
  const value = (name, shape) => ({
    name,
    type: {
      tensor_type: { elem_type: FLOAT, shape: { dim: shape.map((dim_value) => ({ dim_value })) } },
    },
  });
  const own = (kind) => reorder(array(`rnn.${kind}_l0`), order);
  const graph = {
    name: cell,
    node: [
      {
        op_type: cell.toUpperCase(),
        input: ["X", "W", "R", "B", "", ...states],
        output: ["Y", "Y_h", ...(lstm ? ["Y_c"] : [])],
        attribute: [
          { name: "hidden_size", i: hidden, type: INT },
          ...(lstm ? [] : [{ name: "linear_before_reset", i: 1, type: INT }]),
        ],
      },
    ],
    initializer: [
      weight("W", [1, gates * hidden, input], own("weight_ih")),
      weight("R", [1, gates * hidden, hidden], own("weight_hh")),
      weight("B", [1, 2 * gates * hidden], [...own("bias_ih"), ...own("bias_hh")]),
    ],
    input: [
      value("X", [time, batch, input]),
      ...states.map((name) => value(name, [1, batch, hidden])),
    ],
    output: [
      value("Y", [time, 1, batch, hidden]),
      ...["Y_h", ...(lstm ? ["Y_c"] : [])].map((name) => value(name, [1, batch, hidden])),
    ],
  };
  const Model = root.lookupType("Model");
  const message = {
    ir_version: 8,
    producer_name: "bench",
    graph,
    opset_import: [{ domain: "", version: 14 }],
  };
  return Model.encode(Model.fromObject(message)).finish();
}
