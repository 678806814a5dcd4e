using System.Text.Json;
using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Layers;

namespace Consilience.FederatedLearning.Models;

/// <summary>Reads <c>layers</c>, shape by shape, and adds the head's own.</summary>
internal sealed class LayerReader(ParameterReader reader)
{
    internal const int MostUnits = 1 << 16;
    internal const int LargestSide = 1 << 12;
    private const long LargestFootprint = 1 << 24;

    /// <summary>Most weights: with a round's figures before them 512 MiB, which hubs take unless they are told otherwise.</summary>
    private const long LargestModel = (1 << 27) - 16;

    private const int Deepest = 8;

    internal static readonly string[] Words = ["relu", "tanh", "gelu", "flatten", "layer-norm"];
    private static readonly string[] Keys = ["dense", "dropout", "group-norm", "reshape", "conv1d", "conv2d", "pool1d", "pool2d", "residual"];

    private int places;

    /// <summary>Null with faults added where shapes do not fit, or a layer is none.</summary>
    internal List<LayerSpec>? Read(IReadOnlyList<InputColumn> inputs, Outcome outcome)
    {
        var shape = new Shape(inputs.Sum(i => i.Width));
        List<LayerSpec> before = inputs.OfType<EmbeddedColumn>().Any() ? [new EmbeddingSpec(shape, inputs)] : [];
        if (ReadChain(reader, reader.List("layers", "a list of layers", required: false), "layers", before.Count > 0 ? before[0].Output : shape, 0) is not { } layers)
            return null;
        layers.InsertRange(0, before);
        var last = layers.Count > 0 ? layers[^1].Output : shape;
        if (IsTooLarge(reader, "layers", (long)last.Size * outcome.Outputs, last.Size))
            return null;
        layers.Add(new DenseSpec(last, outcome.Outputs, outcome.Kind != HeadKind.Cox));
        return IsTooLarge(reader, "layers", layers.Sum(l => (long)l.WeightCount), 0) ? null : layers;
    }

    private List<LayerSpec>? ReadChain(ParameterReader at, IReadOnlyList<JsonElement> entries, string list, Shape shape, int depth)
    {
        var layers = new List<LayerSpec>();
        for (var i = 0; i < entries.Count; i++)
        {
            if (ReadLayer(at, entries[i], $"{list}[{i}]", shape, depth) is not { } layer)
                return null;
            layers.Add(layer);
            shape = layer.Output;
        }

        return layers;
    }

    private LayerSpec? ReadLayer(ParameterReader at, JsonElement entry, string place, Shape input, int depth)
    {
        if (entry.ValueKind == JsonValueKind.String && Words.Contains(entry.GetString()))
            return Word(entry.GetString()!, input);
        if (entry.ValueKind != JsonValueKind.Object || entry.EnumerateObject().Count() != 1 || entry.EnumerateObject().First().Name is not { } key || !Keys.Contains(key))
        {
            var got = entry.ValueKind == JsonValueKind.String ? entry.GetString()! : entry.ValueKind == JsonValueKind.Object ? string.Join(", ", entry.EnumerateObject().Select(p => p.Name).Take(3)) : "";
            at.Add(place, "a layer", got.Length is 0 or > 40 ? "something else" : $"'{got}'", Suggestion.For(got, [.. Words, .. Keys]));
            return null;
        }

        var written = at.At(entry, place);
        return key switch
        {
            "dense" => written.Whole(key, 1, MostUnits, isRequired: true) is { } units && !IsTooLarge(written, key, (long)input.Size * units, units) ? new DenseSpec(input, units) : null,
            "dropout" => Dropout(written, input),
            "group-norm" => Groups(written, input),
            "reshape" => Reshape(written, input),
            "residual" => Residual(written, input, depth),
            "conv1d" or "conv2d" => Convolution(written, key, input),
            _ => Pooling(written, key, input),
        };
    }

    private static LayerSpec Word(string word, Shape input) => word switch
    {
        "relu" => new ActivationSpec(input, Activation.Relu),
        "tanh" => new ActivationSpec(input, Activation.Tanh),
        "gelu" => new ActivationSpec(input, Activation.Gelu),
        "layer-norm" => new NormalisationSpec(input, 1),
        _ => new ReshapeSpec(input, new Shape(input.Size)),
    };

    private DropoutSpec? Dropout(ParameterReader written, Shape input)
    {
        var share = written.Number("dropout", "a share from 0 to below 1", required: true);
        if (share is >= 0 and < 1)
            return new DropoutSpec(input, (float)share.Value, ++places);
        if (share is not null)
            written.Add("dropout", "a share from 0 to below 1", $"{share}", "write 0.5 to drop half");
        return null;
    }

    private static NormalisationSpec? Groups(ParameterReader written, Shape input)
    {
        if (written.Whole("group-norm", 1, MostUnits, isRequired: true) is not { } groups)
            return null;
        if (input.Channels % groups == 0)
            return new NormalisationSpec(input, groups);
        written.Add("group-norm", $"a divisor of {input.Channels}", $"{groups}", $"the layer before has {input}");
        return null;
    }

    private static ReshapeSpec? Reshape(ParameterReader written, Shape input)
    {
        const string Expected = "[features], [length, channels] or [height, width, channels]";
        var list = written.List("reshape", Expected, required: true);
        int[] sizes = [.. list.Where(s => s.ValueKind == JsonValueKind.Number && s.TryGetInt32(out var n) && n is > 0 and <= MostUnits).Select(s => s.GetInt32())];
        if (list.Count is < 1 or > 3 || sizes.Length != list.Count || sizes.Aggregate(1L, (product, s) => Math.Min(product * s, int.MaxValue)) != input.Size)
        {
            written.Add("reshape", $"{Expected}, {input.Size} numbers in all", $"[{string.Join(", ", sizes)}]", $"the layer before has {input}");
            return null;
        }

        return new ReshapeSpec(input, Shape.Of(sizes));
    }

    private ResidualSpec? Residual(ParameterReader written, Shape input, int depth)
    {
        var entries = written.List("residual", "a list of layers", required: true);
        if (entries.Count == 0 || depth == Deepest)
        {
            written.Add("residual", $"a list of layers, at most {Deepest} deep", entries.Count == 0 ? "none" : "more", "write the layers of the block");
            return null;
        }

        if (ReadChain(written, entries, "residual", input, depth + 1) is not { } inner)
            return null;
        if (inner[^1].Output == input)
            return new ResidualSpec(input, inner);
        written.Add("residual", $"a block that gives {input}, as it takes", $"{inner[^1].Output}", "end it with as many units or filters as it begins with");
        return null;
    }

    private static ConvolutionSpec? Convolution(ParameterReader written, string key, Shape input)
    {
        if (written.Object(key, "{filters, size}", required: true) is not { } inner)
            return null;
        var filters = inner.Whole("filters", 1, MostUnits, isRequired: true);
        var window = ReadWindow(inner, key, input, 1);
        inner.Finish();
        if (filters is null || window is null)
            return null;
        var taken = (long)window.Area * input.Channels;
        return IsTooLarge(written, key, taken * filters.Value, window.Output(1).Area * Math.Max(taken, filters.Value)) ? null : new ConvolutionSpec(window, filters.Value);
    }

    private static PoolingSpec? Pooling(ParameterReader written, string key, Shape input)
    {
        if (written.Object(key, "{size}", required: true) is not { } inner)
            return null;
        var window = ReadWindow(inner, key, input, null);
        var isMean = inner.Choice("of", "largest", "mean") == "mean";
        inner.Finish();
        return window is null ? null : new PoolingSpec(window, isMean);
    }

    private static Window? ReadWindow(ParameterReader inner, string key, Shape input, int? stride)
    {
        var size = inner.Whole("size", 1, LargestSide, isRequired: true);
        var step = inner.Whole("stride", 1, LargestSide) ?? stride ?? size;
        var isPadded = inner.Choice("padding", "same", "none") == "same";
        var dimensions = key.EndsWith("1d", StringComparison.Ordinal) ? 2 : 3;
        if (input.Dimensions != dimensions)
        {
            inner.Add("", dimensions == 2 ? "length × channels" : "height × width × channels", $"{input}", $"reshape before it, or use {key[..^2]}{(dimensions == 2 ? '2' : '1')}d");
            return null;
        }

        if (size is null || step is null)
            return null;
        var window = new Window(input, size.Value, step.Value, isPadded);
        if (window.Fits)
            return window;
        inner.Add("size", $"a window that fits {input}", $"{size}", "use a smaller one, or padding: same");
        return null;
    }

    private static bool IsTooLarge(ParameterReader written, string key, long weights, long footprint)
    {
        if (weights <= LargestModel && footprint <= LargestFootprint)
            return false;
        written.Add(key, $"at most {LargestModel} weights, and {LargestFootprint} numbers of a row at once", $"{weights} weights", "use smaller layers");
        return true;
    }
}
