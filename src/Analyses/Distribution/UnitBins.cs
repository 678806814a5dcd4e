using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Distribution;

/// <summary>A bin for each value of a whole-numbered variable, from the least that its schema allows.</summary>
internal static class UnitBins
{
    /// <summary>Null with a fault added at <paramref name="place"/> where the schema states no range, or one too wide, and <paramref name="fix"/> what to do then.</summary>
    internal static (EdgeAxis Axis, long Least)? Of(ParameterReader reader, string place, Variable variable, string fix)
    {
        if (variable is not { Type: VariableType.Integer, Minimum: { } least, Maximum: { } most } || most - least >= Grid.Largest)
        {
            reader.Add(place, $"a whole-numbered variable with a minimum and a maximum in the schema, at most {Grid.Largest} apart", $"'{variable.Name}'", fix);
            return null;
        }

        return (new EdgeAxis(variable.Name, [.. Enumerable.Range(0, Math.Max(1, (int)(most - least))).Select(i => least + i)]), (long)least);
    }
}
