using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Statistics;
using Consilience.Analyses.Survival;

namespace Consilience.Analyses.Moments;

/// <summary>Student's and Welch's test. Parameters: <c>variable</c> (integer or real, with minimum and maximum in the schema), <c>by</c> (one variable of two codes), <c>level</c> (0.95).</summary>
internal sealed class TTestMethod : Method
{
    public override string Name => "t-test";

    public override string Summary => "Whether the mean of a number differs between two groups: Welch's test, and Student's with a common variance.";

    public override string Example => """
        variable: age
        by: [rel]
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Variable("variable", "The number compared, with a minimum and a maximum in the schema.", VariableType.Integer, VariableType.Real),
        Parameter.CodedAxes("by", "A variable of two codes: the groups.", least: 1),
        Parameter.Level,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var sums = MomentSums.Read(reader);
        var confidence = Confidence.Read(reader);
        if (sums is not null && sums.Grouping.Count != 2)
            reader.Add("by", "variables that make two groups", $"{sums.Grouping.Count}", "compare more groups with glm and 'family: gaussian', or restrict the cohort");
        return sums is null ? null : new TTestPlan(sums, confidence);
    }
}

/// <summary>Checked parameters of <see cref="TTestMethod"/>.</summary>
internal sealed class TTestPlan(MomentSums sums, Confidence confidence) : MethodPlan(sums)
{
    private static readonly string[] GroupColumns = ["n", "mean", "std.dev"];
    private static readonly string[] TestColumns = ["method", "estimate", "std.error", "statistic", "parameter", "p.value", "conf.low", "conf.high"];

    public override string ObjectionToNoise => MomentsMethod.Objection;

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules)
    {
        var (first, second) = (new GroupMoments(total[..MomentSums.Stride], sums.Variable), new GroupMoments(total[MomentSums.Stride..], sums.Variable));
        var areHidden = first.IsHidden(rules) || second.IsHidden(rules);
        var groups = sums.Grouping.Names().Zip([first, second], (names, g) => g.IsHidden(rules)
            ? ResultRow.Hidden(AnswerKind.Suppressed, names.Length + GroupColumns.Length, names)
            : g.Persons == 0 ? ResultRow.Of([.. names, 0, ResultCell.Undefined, ResultCell.Undefined]) : ResultRow.Of([.. names, rules.Round(g.Persons), g.Mean, Math.Sqrt(g.Variance)]));
        return new MethodResult(
            new ResultTable("groups", [.. sums.Grouping.Variables, .. GroupColumns], [.. groups]),
            new ResultTable("test", TestColumns, areHidden
                ? [ResultRow.Hidden(AnswerKind.Suppressed, TestColumns.Length, "Welch"), ResultRow.Hidden(AnswerKind.Suppressed, TestColumns.Length, "Student")]
                : [Welch(first, second), Student(first, second)]));
    }

    /// <summary>Satterthwaite's degrees of freedom, as R's <c>t.test</c>.</summary>
    private ResultRow Welch(GroupMoments a, GroupMoments b)
    {
        var (x, y) = (a.Variance / a.Persons, b.Variance / b.Persons);
        return Row("Welch", a, b, x + y, (x + y) * (x + y) / ((x * x / (a.Persons - 1)) + (y * y / (b.Persons - 1))));
    }

    private ResultRow Student(GroupMoments a, GroupMoments b)
    {
        double degrees = a.Persons + b.Persons - 2;
        var common = (((a.Persons - 1) * a.Variance) + ((b.Persons - 1) * b.Variance)) / degrees;
        return Row("Student", a, b, common * ((1.0 / a.Persons) + (1.0 / b.Persons)), degrees);
    }

    /// <summary>Undefined where a group has fewer than two persons, or nobody differs.</summary>
    private ResultRow Row(string method, GroupMoments a, GroupMoments b, double variance, double degrees)
    {
        if (Math.Min(a.Persons, b.Persons) < 2 || !(variance > 0))
            return ResultRow.Of([method, .. Enumerable.Repeat(ResultCell.Undefined, TestColumns.Length - 1)]);
        var row = ResultRow.Estimate([method], a.Mean - b.Mean, variance, Distributions.StudentQuantile((1 + (double)confidence.Level) / 2, degrees), tails: t => Distributions.StudentTails(t, degrees));
        return row with { Cells = [.. row.Cells.Take(4), degrees, .. row.Cells.Skip(4)] };
    }
}
