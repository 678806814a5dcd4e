using System.Text.Json;
using Consilience.Analyses.Schema;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Models;

/// <summary>
/// The columns of a formula, treatment contrasts as in R: an intercept, a column for every code or interval but the reference, numbers as they are. Columns are computed scaled into −1 to 1 by
/// the public bounds of the schema, so that sums of them have known bounds, and centred where no product needs them otherwise; <see cref="Back"/> undoes both.
/// </summary>
internal sealed class ModelMatrix
{
    internal const string Intercept = "(Intercept)";

    private const int MostColumns = 200;

    private readonly List<string> variables = [];
    private readonly List<(string Term, IReadOnlyList<Coding> Codings)> columns;
    private readonly List<(string Name, IReadOnlyList<int> Columns)> groups = [];
    private readonly bool hasIntercept;

    private ModelMatrix(bool hasIntercept)
    {
        this.hasIntercept = hasIntercept;
        columns = hasIntercept ? [(Intercept, [])] : [];
    }

    /// <summary>What is read of a row, in this order.</summary>
    internal IReadOnlyList<string> Variables => variables;

    internal int Count => columns.Count;

    internal IReadOnlyList<string> Terms => [.. columns.Select(c => c.Term)];

    /// <summary>The columns of each term of the formula: one for a number, several for a variable with many codes.</summary>
    internal IReadOnlyList<(string Name, IReadOnlyList<int> Columns)> Groups => groups;

    /// <summary>Null with faults added where a term does not fit the schema.</summary>
    internal static ModelMatrix? Read(ParameterReader reader, Formula formula, bool hasIntercept = true)
    {
        var matrix = new ModelMatrix(hasIntercept);
        var references = reader.Object("reference", "{variable: code} of covariates with codes", required: false);
        var multiplied = formula.Terms.Where(t => t.Count > 1).SelectMany(t => t).Select(f => f.Variable).ToHashSet(StringComparer.Ordinal);
        var isWhole = true;
        foreach (var term in formula.Terms)
        {
            IEnumerable<(string Term, IReadOnlyList<Coding> Codings)> products = [("", [])];
            foreach (var factor in term)
            {
                var coded = matrix.Columns(reader, references, factor, multiplied.Contains(factor.Variable));
                isWhole &= coded.Count > 0;
                products = [.. products.SelectMany(p => coded.Select(c => (p.Term.Length == 0 ? c.Term : $"{p.Term}:{c.Term}", (IReadOnlyList<Coding>)[.. p.Codings, c.Coding])))];
            }

            var first = matrix.columns.Count;
            matrix.columns.AddRange(products);
            matrix.groups.Add((string.Join(':', term.Select(f => f.Variable)), [.. Enumerable.Range(first, matrix.columns.Count - first)]));
        }

        references?.Finish();
        if (matrix.Count > MostColumns)
            reader.Add("formula", $"at most {MostColumns} columns", $"{matrix.Count}", "use fewer terms");
        return isWhole && matrix.Count <= MostColumns ? matrix : null;
    }

    /// <summary>The position of a further variable among those read.</summary>
    internal int Add(string variable)
    {
        if (!variables.Contains(variable))
            variables.Add(variable);
        return variables.IndexOf(variable);
    }

    internal void Fill(ReadOnlySpan<double> values, double[] row)
    {
        for (var c = 0; c < columns.Count; c++)
        {
            double product = 1;
            foreach (var coding in columns[c].Codings)
                product *= coding.Of(values[coding.Variable]);
            row[c] = product;
        }
    }

    /// <summary>The scaled columns of somebody whose numbers are 0 and whose codes are the reference.</summary>
    internal double[] AtZero() => [.. columns.Select(c => c.Codings.Aggregate(1.0, (product, coding) => product * (coding.Class is null ? -coding.Centre / coding.Half : 0)))];

    /// <summary>Coefficients of the variables as they are are this matrix times those of the scaled columns.</summary>
    internal Matrix<double> Back()
    {
        var back = Matrix<double>.Build.Dense(Count, Count);
        for (var c = 0; c < Count; c++)
        {
            var scale = columns[c].Codings.Aggregate(1.0, (s, coding) => s * coding.Half);
            back[c, c] = 1 / scale;
            if (hasIntercept && columns[c].Codings is [{ Class: null } single])
                back[0, c] = -single.Centre / single.Half;
        }

        return back;
    }

    /// <summary>The columns of one factor; none, with a fault added, where it does not fit.</summary>
    private List<(string Term, Coding Coding)> Columns(ParameterReader reader, ParameterReader? references, FormulaFactor factor, bool isMultiplied)
    {
        if (reader.Variable("formula", JsonSerializer.SerializeToElement(factor.Variable), "variables of the study", VariableType.Category, VariableType.Boolean, VariableType.Integer, VariableType.Real) is not { } variable)
            return [];
        var position = Add(variable.Name);
        if (factor.Edges.Count > 0)
            return Cut(reader, position, variable, factor.Edges);
        if (variable.Type is VariableType.Integer or VariableType.Real)
            return factor.IsScore ? Misfit(reader, variable, "score(…) of a variable with codes") : Number(reader, position, variable, isMultiplied);
        var axis = Grouping.Coded(variable);
        if (factor.IsScore)
            return [($"score({variable.Name})", new Coding(position, 1, 0, axis.Length, null))];
        var reference = references?.Code(variable.Name, axis, required: false) is { } code ? axis.IndexOf(code) : 0;
        return [.. Enumerable.Range(0, axis.Length).Where(i => i != reference).Select(i => ($"{variable.Name} {axis.Codes[i]}", new Coding(position, 0, 0, 1, (i - 0.5, i + 0.5))))];
    }

    private static List<(string, Coding)> Cut(ParameterReader reader, int position, Variable variable, IReadOnlyList<decimal> edges)
    {
        if (variable.Type is not (VariableType.Integer or VariableType.Real))
            return Misfit(reader, variable, "cut(…) of a numeric variable");
        var axis = new EdgeAxis(variable.Name, edges);
        return [.. Enumerable.Range(1, edges.Count).Select(i => ($"{variable.Name} {Grouping.Label(axis, i)}",
            new Coding(position, 0, 0, 1, ((double)edges[i - 1], i < edges.Count ? (double)edges[i] : double.PositiveInfinity))))];
    }

    private static List<(string, Coding)> Number(ParameterReader reader, int position, Variable variable, bool isMultiplied) =>
        variable is { Minimum: { } from, Maximum: { } to } && from < to
            ? [(variable.Name, Scaled(position, (double)from, (double)to, isMultiplied))]
            : Misfit(reader, variable, "a variable with a minimum and a maximum in the schema");

    private static Coding Scaled(int position, double from, double to, bool isMultiplied) =>
        isMultiplied ? new(position, 0, 0, Math.Max(Math.Abs(from), Math.Abs(to)), null) : new(position, 0, (from + to) / 2, (to - from) / 2, null);

    private static List<(string, Coding)> Misfit(ParameterReader reader, Variable variable, string expected)
    {
        reader.Add("formula", expected, $"'{variable.Name}'", "write cut(variable, edge, …) of numbers, and variables with codes as they are");
        return [];
    }
}
