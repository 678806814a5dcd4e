namespace Consilience.FederatedLearning.Layers;

/// <summary>The largest or the mean of each channel in every window.</summary>
internal sealed record PoolingSpec(Window Window, bool IsMean) : LayerSpec(Window.Input, Window.Output(Window.Input.Channels))
{
    internal override Layer Create(int rows, int offset) => IsMean ? new MeanPooling(this, rows) : new LargestPooling(this, rows);
}

/// <summary>The largest; of several equal ones the first, which also takes the derivative. What is not a number stays one.</summary>
internal sealed class LargestPooling(PoolingSpec spec, int rows) : Layer
{
    private readonly int channels = spec.Input.Channels;
    private readonly int inputs = spec.Input.Size;
    private readonly int outputs = spec.Output.Size;
    private readonly int places = spec.Window.Area;
    private readonly int[] positions = spec.Window.Positions();
    private readonly float[] made = new float[rows * spec.Output.Size];
    private readonly int[] taken = new int[rows * spec.Output.Size];
    private readonly float[] byInputs = new float[rows * spec.Input.Size];

    internal override float[] Forward(ReadOnlySpan<float> weights, float[] given, int rows, in Pass pass)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var output = 0; output < outputs; output++)
                Take(given, row, output);
        }

        return made;
    }

    internal override float[] Backward(ReadOnlySpan<float> weights, float[] byOutputs, int rows)
    {
        byInputs.AsSpan(0, rows * inputs).Clear();
        for (var i = 0; i < rows * outputs; i++)
            byInputs[taken[i]] += byOutputs[i];
        return byInputs;
    }

    private void Take(float[] given, int row, int output)
    {
        var (window, channel, at) = (output / channels, output % channels, -1);
        for (var place = window * places; place < (window + 1) * places; place++)
        {
            var next = positions[place] < 0 ? -1 : (row * inputs) + (positions[place] * channels) + channel;
            if (next >= 0 && (at < 0 || given[next] > given[at] || float.IsNaN(given[next])))
                at = next;
        }

        (made[(row * outputs) + output], taken[(row * outputs) + output]) = (given[at], at);
    }
}

/// <summary>The mean over the places of a window, those over the edge counted as 0.</summary>
internal sealed class MeanPooling(PoolingSpec spec, int rows) : Layer
{
    private readonly int channels = spec.Input.Channels;
    private readonly int inputs = spec.Input.Size;
    private readonly int outputs = spec.Output.Size;
    private readonly int places = spec.Window.Area;
    private readonly int[] positions = spec.Window.Positions();
    private readonly float[] made = new float[rows * spec.Output.Size];
    private readonly float[] byInputs = new float[rows * spec.Input.Size];

    internal override float[] Forward(ReadOnlySpan<float> weights, float[] given, int rows, in Pass pass)
    {
        made.AsSpan(0, rows * outputs).Clear();
        for (var row = 0; row < rows; row++)
        {
            for (var place = 0; place < positions.Length; place++)
            {
                if (positions[place] >= 0)
                    AddShare(given.AsSpan((row * inputs) + (positions[place] * channels), channels), made.AsSpan((row * outputs) + (place / places * channels), channels));
            }
        }

        return made;
    }

    internal override float[] Backward(ReadOnlySpan<float> weights, float[] byOutputs, int rows)
    {
        byInputs.AsSpan(0, rows * inputs).Clear();
        for (var row = 0; row < rows; row++)
        {
            for (var place = 0; place < positions.Length; place++)
            {
                if (positions[place] >= 0)
                    AddShare(byOutputs.AsSpan((row * outputs) + (place / places * channels), channels), byInputs.AsSpan((row * inputs) + (positions[place] * channels), channels));
            }
        }

        return byInputs;
    }

    private void AddShare(ReadOnlySpan<float> from, Span<float> to)
    {
        for (var channel = 0; channel < channels; channel++)
            to[channel] += from[channel] / places;
    }
}
