using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Models;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Survival;
using MathNet.Numerics.LinearAlgebra;

namespace Consilience.Analyses.Cox;

/// <summary>
/// Cox regression, stratified by site. Parameters: <c>formula</c> (<c>Surv(time, event) ~ …</c>, time a whole number), <c>ties</c> (efron | breslow), <c>strata</c> (variables with codes, each combination
/// with a baseline of its own), <c>reference</c> ({variable: code}), <c>level</c> (0.95), <c>at</c> (scaled coefficients to take a step from; 0).
/// </summary>
internal sealed class CoxMethod : Method
{
    public override string Name => "cox";

    public override string Summary => "Hazard ratios of any covariates, each site with a baseline hazard of its own, as fitted to the pooled rows.";

    public override string Example => """
        formula: Surv(edrel, rel) ~ histol + stage + age
        ties: efron
        """;

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var formula = Formula.ReadSurvival(reader);
        var isEfron = reader.Choice("ties", "efron", "breslow") != "breslow";
        var matrix = formula is null ? null : ModelMatrix.Read(reader, formula, hasIntercept: false);
        var strata = Grouping.ReadCoded(reader, "strata");
        var confidence = Confidence.Read(reader);
        var time = formula is null ? null : reader.Variable("formula", JsonSerializer.SerializeToElement(formula.Outcome[0]), "as time a variable of type integer", VariableType.Integer);
        var occurred = formula is null ? null : reader.Variable("formula", JsonSerializer.SerializeToElement(formula.Outcome[1]), "as event a variable of type boolean", VariableType.Boolean);
        if (matrix is null || time is null || occurred is null)
            return null;
        string[] others = [time.Name, occurred.Name, .. strata.Variables];
        if (matrix.Variables.FirstOrDefault(v => others.Contains(v)) is { } twice)
            reader.Add("formula", "covariates other than time, event and strata", $"'{twice}'", "remove it on the right of '~'");
        if (ScaledCoefficients.Read(reader, matrix.Count) is not { } at)
            return null;
        int[] positions = [.. others.Select(matrix.Add)];
        var canonical = JsonSerializer.Serialize(new { fit = "cox", time = time.Name, occurred = occurred.Name, isEfron, strata = strata.Variables, terms = matrix.Terms, at = ScaledCoefficients.Texts(at) });
        return new CoxPlan(matrix, from => new CoxSums(matrix, positions[0], positions[1], positions[2..], isEfron, from, canonical), at, confidence);
    }
}

/// <summary>Checked parameters of <see cref="CoxMethod"/>.</summary>
internal sealed class CoxPlan(ModelMatrix matrix, Func<IReadOnlyList<double>, CoxSums> sumsAt, IReadOnlyList<double> at, Confidence confidence) : FittedPlan(matrix, sumsAt(at))
{
    private readonly CoxFinish finish = new(matrix, at, confidence.Z);

    public override string ObjectionToNoise => "each round of a fit would need noise of its own; ask grouped-hazards, whose fit needs one table";

    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) => finish.From(total, rules);

    internal override FittedPlan At(IReadOnlyList<double> at) => new CoxPlan(Matrix, sumsAt, at, confidence);

    internal override (Vector<double> Coefficients, Matrix<double> Covariance)? Reached(ReadOnlySpan<long> total) => finish.Reached(total);
}
