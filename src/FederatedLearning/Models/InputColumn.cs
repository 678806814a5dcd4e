namespace Consilience.FederatedLearning.Models;

/// <summary>How one variable of a row becomes inputs of a model.</summary>
/// <param name="Variable">Its name.</param>
/// <param name="Least">Of the values it may have; a row with others is unreadable.</param>
/// <param name="Most">Of the values it may have.</param>
internal abstract record InputColumn(string Variable, double Least, double Most)
{
    /// <summary>Numbers written for it.</summary>
    internal abstract int Width { get; }

    internal virtual bool Holds(double value) => value >= Least && value <= Most;

    /// <summary>Writes <see cref="Width"/> numbers.</summary>
    internal abstract void Write(double value, Span<float> inputs);
}

/// <summary>A number, centred and scaled by public constants; without any, by the schema's bounds into −1 to 1.</summary>
internal sealed record NumberColumn(string Variable, double Least, double Most, double Centre, double Scale) : InputColumn(Variable, Least, Most)
{
    internal override int Width => 1;

    internal override void Write(double value, Span<float> inputs) => inputs[0] = (float)((value - Centre) / Scale);
}

/// <summary>A code as a number 0 or 1 for each code but the first.</summary>
internal sealed record CodeColumn(string Variable, int Codes) : InputColumn(Variable, 0, Codes - 1)
{
    internal override bool Holds(double value) => base.Holds(value) && value == Math.Floor(value);

    internal override int Width => Codes - 1;

    internal override void Write(double value, Span<float> inputs)
    {
        inputs.Clear();
        if (value >= 1)
            inputs[(int)value - 1] = 1;
    }
}

/// <summary>A code as its position, which an embedding looks up.</summary>
internal sealed record EmbeddedColumn(string Variable, int Codes, int Size) : InputColumn(Variable, 0, Codes - 1)
{
    internal override int Width => 1;

    internal override bool Holds(double value) => base.Holds(value) && value == Math.Floor(value);

    internal override void Write(double value, Span<float> inputs) => inputs[0] = (float)value;
}
