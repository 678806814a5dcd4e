using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Sums;

/// <summary>A numeric variable brought to −1 … 1 by the bounds its schema states: public, and nothing is clipped, since a site refuses cells outside them.</summary>
/// <param name="Name">Of the variable.</param>
/// <param name="Centre">The middle of its range.</param>
/// <param name="Half">Half its width.</param>
internal sealed record Scaled(string Name, double Centre, double Half)
{
    /// <summary>Magnitude of the largest value there can be.</summary>
    internal double Largest => Math.Abs(Centre) + Half;

    internal double Of(double value) => (value - Centre) / Half;

    /// <summary>The scale of a variable; null with a fault added at <paramref name="place"/> where the schema does not state its range.</summary>
    internal static Scaled? Of(Variable? variable, ParameterReader reader, string place)
    {
        if (variable is null)
            return null;
        if (variable is { Minimum: { } least, Maximum: { } most } && least < most)
            return new Scaled(variable.Name, (double)(least + most) / 2, (double)(most - least) / 2);
        reader.Add(place, "a variable with a minimum and a maximum in the schema", $"'{variable.Name}'", "ask for a schema that states its range");
        return null;
    }
}
