// The messages of an ONNX file that are read and written, by the numbers of their fields: onnx.proto of the specification
// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto). Fields that nothing here needs are passed over.

/** A whole model. */
export interface ModelProto {
  irVersion: number;
  producerName: string;
  producerVersion: string;
  docString: string;
  graph?: GraphProto | undefined;
  opsetImport: OperatorSetProto[];
  metadataProps: EntryProto[];
  functions: FunctionProto[];
}

export interface OperatorSetProto {
  domain: string;
  version: number;
}

/** A key and its value. */
export interface EntryProto {
  key: string;
  value: string;
}

/** Of a function only what names it: operators that a file defines itself are refused. */
export interface FunctionProto {
  name: string;
  domain: string;
}

export interface GraphProto {
  node: NodeProto[];
  name: string;
  initializer: TensorProto[];
  sparseInitializer: object[];
  input: ValueInfoProto[];
  output: ValueInfoProto[];
}

export interface NodeProto {
  input: string[];
  output: string[];
  name: string;
  opType: string;
  domain: string;
  attribute: AttributeProto[];
}

/** One attribute; `type` says which field holds it. */
export interface AttributeProto {
  name: string;
  type: number;
  f: number;
  i: number;
  s: Uint8Array;
  t?: TensorProto | undefined;
  g?: GraphProto | undefined;
  floats: Uint8Array[];
  ints: Uint8Array[];
  strings: Uint8Array[];
  refAttrName: string;
}

/** A tensor; what the repeated number fields hold stays encoded, as views on the file, until it is asked for. */
export interface TensorProto {
  dims: Uint8Array[];
  dataType: number;
  name: string;
  floatData: Uint8Array[];
  int32Data: Uint8Array[];
  stringData: Uint8Array[];
  int64Data: Uint8Array[];
  doubleData: Uint8Array[];
  uint64Data: Uint8Array[];
  rawData?: Uint8Array | undefined;
  externalData: EntryProto[];
  dataLocation: number;
}

export interface ValueInfoProto {
  name: string;
  type?: TypeProto | undefined;
}

export interface TypeProto {
  tensorType?: TensorTypeProto | undefined;
}

export interface TensorTypeProto {
  elemType: number;
  shape?: ShapeProto | undefined;
}

export interface ShapeProto {
  dim: DimensionProto[];
}

/** A size, or the name of one that may change. */
export interface DimensionProto {
  dimValue?: number | undefined;
  dimParam?: string | undefined;
}

/**
 * How a field is encoded. `numbers` (repeated) are kept as the encoded bytes, in one view or several; `packed` says how each
 * is encoded.
 */
export type Kind =
  | "int"
  | "float"
  | "string"
  | "bytes"
  | { readonly message: MessageSchema }
  | { readonly numbers: "varint" | "float" | "double" };

export interface FieldSchema {
  readonly name: string;
  readonly kind: Kind;
  readonly repeated: boolean;
}

export interface MessageSchema {
  /** As the specification names it, in errors. */
  readonly name: string;
  readonly fields: Readonly<Record<number, FieldSchema>>;
}

const one = (name: string, kind: Kind): FieldSchema => ({ name, kind, repeated: false });
const many = (name: string, kind: Kind): FieldSchema => ({ name, kind, repeated: true });

/** Filled below: graphs hold nodes, whose attributes hold graphs. */
const graphFields: Record<number, FieldSchema> = {};
const GRAPH: MessageSchema = { name: "GraphProto", fields: graphFields };

const ENTRY: MessageSchema = {
  name: "StringStringEntryProto",
  fields: { 1: one("key", "string"), 2: one("value", "string") },
};

const DIMENSION: MessageSchema = {
  name: "TensorShapeProto.Dimension",
  fields: { 1: one("dimValue", "int"), 2: one("dimParam", "string") },
};

const SHAPE: MessageSchema = {
  name: "TensorShapeProto",
  fields: { 1: many("dim", { message: DIMENSION }) },
};

const TENSOR_TYPE: MessageSchema = {
  name: "TypeProto.Tensor",
  fields: { 1: one("elemType", "int"), 2: one("shape", { message: SHAPE }) },
};

const VALUE_INFO: MessageSchema = {
  name: "ValueInfoProto",
  fields: {
    1: one("name", "string"),
    2: one("type", {
      message: {
        name: "TypeProto",
        fields: { 1: one("tensorType", { message: TENSOR_TYPE }) },
      },
    }),
  },
};

const TENSOR: MessageSchema = {
  name: "TensorProto",
  fields: {
    1: many("dims", { numbers: "varint" }),
    2: one("dataType", "int"),
    4: many("floatData", { numbers: "float" }),
    5: many("int32Data", { numbers: "varint" }),
    6: many("stringData", "bytes"),
    7: many("int64Data", { numbers: "varint" }),
    8: one("name", "string"),
    9: one("rawData", "bytes"),
    10: many("doubleData", { numbers: "double" }),
    11: many("uint64Data", { numbers: "varint" }),
    13: many("externalData", { message: ENTRY }),
    14: one("dataLocation", "int"),
  },
};

const ATTRIBUTE: MessageSchema = {
  name: "AttributeProto",
  fields: {
    1: one("name", "string"),
    2: one("f", "float"),
    3: one("i", "int"),
    4: one("s", "bytes"),
    5: one("t", { message: TENSOR }),
    6: one("g", { message: GRAPH }),
    7: many("floats", { numbers: "float" }),
    8: many("ints", { numbers: "varint" }),
    9: many("strings", "bytes"),
    20: one("type", "int"),
    21: one("refAttrName", "string"),
  },
};

const NODE: MessageSchema = {
  name: "NodeProto",
  fields: {
    1: many("input", "string"),
    2: many("output", "string"),
    3: one("name", "string"),
    4: one("opType", "string"),
    5: many("attribute", { message: ATTRIBUTE }),
    7: one("domain", "string"),
  },
};

Object.assign(graphFields, {
  1: many("node", { message: NODE }),
  2: one("name", "string"),
  5: many("initializer", { message: TENSOR }),
  11: many("input", { message: VALUE_INFO }),
  12: many("output", { message: VALUE_INFO }),
  15: many("sparseInitializer", { message: { name: "SparseTensorProto", fields: {} } }),
});

export const MODEL: MessageSchema = {
  name: "ModelProto",
  fields: {
    1: one("irVersion", "int"),
    2: one("producerName", "string"),
    3: one("producerVersion", "string"),
    6: one("docString", "string"),
    7: one("graph", { message: GRAPH }),
    8: many("opsetImport", {
      message: {
        name: "OperatorSetIdProto",
        fields: { 1: one("domain", "string"), 2: one("version", "int") },
      },
    }),
    14: many("metadataProps", { message: ENTRY }),
    25: many("functions", {
      message: {
        name: "FunctionProto",
        fields: { 1: one("name", "string"), 10: one("domain", "string") },
      },
    }),
  },
};

/** Which field of an attribute holds it. */
export const ATTRIBUTE_TYPES = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;
