using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses.Tests.Cohorts;

/// <summary>A schema with a variable of every type, and short ways to read expressions over it.</summary>
internal static class CohortSchema
{
    internal static StudySchema Schema { get; } = new(
    [
        new("stage", VariableType.Category, "stage", null, [.. new[] { "1", "2", "3", "4" }.Select(c => new CategoryCode(c, c))], null, null),
        new("icd", VariableType.Category, "disease", null, [.. Enumerable.Range(0, 30).Select(i => new CategoryCode($"C{i:00}.'{i}", $"disease {i}"))], null, null),
        new("relapse", VariableType.Boolean, "relapse", null, [], null, null),
        new("age", VariableType.Integer, "age", "years", [], 0, 120),
        new("dose", VariableType.Real, "dose", "mg", [], null, null),
        new("diagnosed", VariableType.Date, "day of diagnosis", null, [], null, null),
    ]);

    internal static CohortExpression Parsed(string text)
    {
        var faults = new List<Fault>();
        var cohort = CohortExpression.Parse(text, Schema, faults);
        Assert.Empty(faults);
        return cohort!;
    }

    internal static IReadOnlyList<Fault> FaultsOf(string text)
    {
        var faults = new List<Fault>();
        Assert.Null(CohortExpression.Parse(text, Schema, faults));
        Assert.NotEmpty(faults);
        return faults;
    }
}
