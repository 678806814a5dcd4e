using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Layers;
using Consilience.FederatedLearning.Models;
using Google.Protobuf;

namespace Consilience.Client.Train;

/// <summary>
/// A model in ONNX (IR version 8, operators of set 13): one input <c>values</c>, a row a person and a column for each input variable in the declaration's order, codes by their position and false and true as 0 and 1; one
/// output <c>prediction</c>. Only the few messages that this needs are written, field by field as <c>onnx.proto</c> numbers them.
/// </summary>
internal static class OnnxFile
{
    /// <summary>Null where the model has a layer or head that is not written to ONNX. The largest model fits: a message of Protocol Buffers ends at 2 GiB.</summary>
    internal static ProtoMessage? Of(ModelDeclaration model, ModelWeights weights, string name)
    {
        if (model.Head is not (HeadKind.Linear or HeadKind.Logistic or HeadKind.Softmax or HeadKind.Cox) || !model.Layers.All(IsKnown))
            return null;
        var graph = new OnnxGraph();
        var tensors = new Queue<Tensor>(model.Tensors);
        string Next()
        {
            var tensor = tensors.Dequeue();
            return graph.Constant(tensor.Name, tensor.Shape, weights.Bytes.Slice(tensor.Offset * sizeof(float), tensor.Length * sizeof(float)));
        }

        var last = Layers(graph, model, Next, Inputs(graph, model, Next));
        switch (model.Head)
        {
            case HeadKind.Logistic:
                graph.Node("Sigmoid", [last], "prediction");
                break;
            case HeadKind.Softmax:
                graph.Node("Softmax", [last], "prediction", a => a.Integer("axis", 1));
                break;
            case HeadKind.Linear:
                graph.Node("Mul", [last, graph.Constant("half", [1], [(float)model.Outcome.Half])], "scaled");
                graph.Node("Add", ["scaled", graph.Constant("centre", [1], [(float)model.Outcome.Centre])], "prediction");
                break;
            default:
                graph.Node("Identity", [last], "prediction");
                break;
        }

        return graph.ToModel(name, model.Inputs.Count, model.Outputs);
    }

    private static bool IsKnown(LayerSpec layer) => layer is DenseSpec or EmbeddingSpec or DropoutSpec or ActivationSpec { Function: Activation.Relu or Activation.Tanh };

    private static string Inputs(OnnxGraph graph, ModelDeclaration model, Func<string> tensor)
    {
        var columns = new List<string>();
        foreach (var (column, i) in model.Inputs.Select((c, i) => (c, i)))
        {
            var value = graph.Node("Gather", ["values", graph.Index($"place.{i}", i, isScalar: column is EmbeddedColumn)], $"value.{i}", a => a.Integer("axis", 1));
            if (column is EmbeddedColumn)
            {
                graph.Node("Cast", [value], $"code.{i}", a => a.Integer("to", OnnxGraph.Int64));
                columns.Add(graph.Node("Gather", [tensor(), $"code.{i}"], $"column.{i}", a => a.Integer("axis", 0)));
            }
            else if (column is NumberColumn number)
            {
                graph.Node("Sub", [value, graph.Constant($"centre.{i}", [1], [(float)number.Centre])], $"centred.{i}");
                columns.Add(graph.Node("Div", [$"centred.{i}", graph.Constant($"scale.{i}", [1], [(float)number.Scale])], $"column.{i}"));
            }
            else
            {
                var codes = column.Width;
                graph.Node("Equal", [value, graph.Constant($"codes.{i}", [1, codes], [.. Enumerable.Range(1, codes).Select(c => (float)c)])], $"is.{i}");
                columns.Add(graph.Node("Cast", [$"is.{i}"], $"column.{i}", a => a.Integer("to", OnnxGraph.Float)));
            }
        }

        return columns.Count == 1 ? columns[0] : graph.Node("Concat", columns, "inputs", a => a.Integer("axis", 1));
    }

    private static string Layers(OnnxGraph graph, ModelDeclaration model, Func<string> tensor, string last)
    {
        foreach (var (layer, i) in model.Layers.Select((l, i) => (l, i)))
        {
            last = layer switch
            {
                DenseSpec dense => graph.Node("Gemm", [last, .. dense.Tensors.Select(_ => tensor())], $"layer.{i}"),
                ActivationSpec { Function: Activation.Relu } => graph.Node("Relu", [last], $"layer.{i}"),
                ActivationSpec => graph.Node("Tanh", [last], $"layer.{i}"),
                // Embeddings were looked up where inputs are read; dropout is for training alone.
                _ => last,
            };
        }

        return last;
    }
}

/// <summary>A graph of ONNX being written. Numbers of fields are those of <c>onnx.proto</c>, in comments by name.</summary>
internal sealed class OnnxGraph
{
    internal const int Float = 1;
    internal const int Int64 = 7;

    /// <summary>The domain of operators of classical models.</summary>
    internal const string MachineLearning = "ai.onnx.ml";

    private const int IrVersion = 8;
    private const int OperatorSet = 13;

    private readonly ProtoMessage nodes = new();
    private readonly ProtoMessage constants = new();
    private bool usesMachineLearning;

    internal string Node(string type, IEnumerable<string> inputs, string output, Action<Attributes>? attributes = null, string domain = "")
    {
        var node = new ProtoMessage();
        foreach (var input in inputs)
            node.Text(1, input); // NodeProto.input
        node.Text(2, output).Text(3, output).Text(4, type); // output, name, op_type
        attributes?.Invoke(new Attributes(node));
        if (domain.Length > 0)
            node.Text(7, domain); // domain
        usesMachineLearning |= domain == MachineLearning;
        nodes.Message(1, node); // GraphProto.node
        return output;
    }

    internal string Constant(string name, IReadOnlyList<int> shape, ReadOnlySpan<float> values)
    {
        var bytes = new byte[values.Length * sizeof(float)];
        for (var i = 0; i < values.Length; i++)
            System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        return Constant(name, Float, shape, bytes);
    }

    /// <param name="values">Little-endian single-precision numbers.</param>
    internal string Constant(string name, IReadOnlyList<int> shape, ReadOnlyMemory<byte> values) => Constant(name, Float, shape, values);

    /// <summary>One place, as a list of one or by itself.</summary>
    internal string Index(string name, long value, bool isScalar)
    {
        var bytes = new byte[sizeof(long)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Constant(name, Int64, isScalar ? [] : [1], bytes);
    }

    internal ProtoMessage ToModel(string name, int inputs, int outputs)
    {
        var graph = new ProtoMessage().Append(nodes).Text(2, name).Append(constants); // GraphProto.name
        graph.Message(11, Value("values", inputs)).Message(12, Value("prediction", outputs)); // input, output
        var model = new ProtoMessage()
            .Number(1, IrVersion).Text(2, "consilience") // ModelProto.ir_version, producer_name
            .Message(7, graph).Message(8, new ProtoMessage().Text(1, "").Number(2, OperatorSet)); // graph, opset_import
        return usesMachineLearning ? model.Message(8, new ProtoMessage().Text(1, MachineLearning).Number(2, 1)) : model;
    }

    private string Constant(string name, int type, IReadOnlyList<int> shape, ReadOnlyMemory<byte> bytes)
    {
        var tensor = new ProtoMessage();
        foreach (var size in shape)
            tensor.Number(1, size); // TensorProto.dims
        constants.Message(5, tensor.Number(2, type).Text(8, name).Bytes(9, bytes)); // GraphProto.initializer: data_type, name, raw_data
        return name;
    }

    /// <summary>A matrix with any number of rows.</summary>
    private static ProtoMessage Value(string name, int columns)
    {
        var shape = new ProtoMessage().Message(1, new ProtoMessage().Text(2, "persons")).Message(1, new ProtoMessage().Number(1, columns)); // dim: dim_param, dim_value
        return new ProtoMessage().Text(1, name).Message(2, new ProtoMessage().Message(1, new ProtoMessage().Number(1, Float).Message(2, shape))); // type.tensor_type: elem_type, shape
    }

    /// <summary>Of a node.</summary>
    internal sealed class Attributes(ProtoMessage node)
    {
        internal void Integer(string name, long value) => Add(name, 2, m => m.Number(3, value)); // AttributeProto.i

        internal void Floats(string name, IReadOnlyList<float> values) => Add(name, 6, m => values.Aggregate(m, (all, v) => all.Single(7, v))); // floats

        internal void Integers(string name, IReadOnlyList<long> values) => Add(name, 7, m => values.Aggregate(m, (all, v) => all.Number(8, v))); // ints

        internal void Texts(string name, IReadOnlyList<string> values) => Add(name, 8, m => values.Aggregate(m, (all, v) => all.Text(9, v))); // strings

        private void Add(string name, int type, Func<ProtoMessage, ProtoMessage> value) => node.Message(5, value(new ProtoMessage().Text(1, name)).Number(20, type)); // NodeProto.attribute: name, type
    }
}

/// <summary>A message of Protocol Buffers, field by field. What it is made of is not copied before it is written, because models are large.</summary>
internal sealed class ProtoMessage
{
    private readonly List<ReadOnlyMemory<byte>> parts = [];

    private long Size => parts.Sum(p => (long)p.Length);

    internal ProtoMessage Number(int field, long value) => Write(field, WireFormat.WireType.Varint, o => o.WriteInt64(value));

    internal ProtoMessage Single(int field, float value) => Write(field, WireFormat.WireType.Fixed32, o => o.WriteFloat(value));

    internal ProtoMessage Text(int field, string text) => Write(field, WireFormat.WireType.LengthDelimited, o => o.WriteString(text));

    internal ProtoMessage Bytes(int field, ReadOnlyMemory<byte> value)
    {
        Write(field, WireFormat.WireType.LengthDelimited, o => o.WriteLength(value.Length));
        parts.Add(value);
        return this;
    }

    internal ProtoMessage Message(int field, ProtoMessage message)
    {
        Write(field, WireFormat.WireType.LengthDelimited, o => o.WriteLength(checked((int)message.Size)));
        return Append(message);
    }

    internal ProtoMessage Append(ProtoMessage other)
    {
        parts.AddRange(other.parts);
        return this;
    }

    internal void WriteTo(Stream file)
    {
        foreach (var part in parts)
            file.Write(part.Span);
    }

    private ProtoMessage Write(int field, WireFormat.WireType type, Action<CodedOutputStream> value)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(field, type);
            value(output);
        }

        parts.Add(stream.ToArray());
        return this;
    }
}
