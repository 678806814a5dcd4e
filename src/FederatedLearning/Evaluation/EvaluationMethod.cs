using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Survival;
using Consilience.FederatedLearning.Heads;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Rounds;
using Consilience.FederatedLearning.Trees;

namespace Consilience.FederatedLearning.Evaluation;

/// <summary>
/// How well a model predicts. Parameters: <c>model</c>, <c>weights</c> (as <c>training-round</c>), <c>by</c> (groups to compare; variables with codes), <c>bins</c> (classes of scores; 100), <c>edges</c> (classes of time, of a Cox model),
/// <c>level</c> (0.95).
/// </summary>
public sealed class EvaluationMethod : Method
{
    private const long MostCells = 1 << 22;

    private const int MostBins = 10_000;

    public override string Name => "model-evaluation";

    public override string Summary => "How well a model predicts: discrimination, calibration and net benefit, of everybody and by group.";

    public override string Example => """
        model:
          inputs: [age, histol]
          head: logistic
          outcome: rel
        weights: AACgPwAA8D8AALC/
        by: [stage]
        bins: 20
        """;

    public override IReadOnlyList<Parameter> Parameters { get; } =
    [
        Parameter.Value("model", "A declaration: inputs, layers, head and outcome; or kind: trees, inputs, head and outcome.", ModelParameters.Declaration(), TreeParameters.Declaration()).Required(),
        Parameter.Value("weights", "Of layers little-endian single-precision numbers in base64, or {sha256} of an attachment that holds them; of trees their ensemble, or {sha256, size} of it.", [.. ModelParameters.WeightForms(), .. TreeParameters.EnsembleForms()]).Required(),
        Parameter.CodedAxes("by", "Variables with codes: groups to compare."),
        Parameter.Whole("bins", "Equally wide classes of scores; 100 without.", 2, MostBins),
        Parameter.Numbers("edges", "Of a Cox model, ends of classes of time."),
        Parameter.Level,
    ];

    private protected override MethodPlan? Read(ParameterReader reader)
    {
        var model = reader.Element("model", "a model", required: true) is { } written ? DeclaredModel.ReadAny(reader.At(written, "model"), written) : null;
        IAskedWeights? weights = model switch
        {
            ModelDeclaration layered => RoundWeights.Read(reader, layered, mayHaveControl: false),
            TreeModel trees => AskedEnsemble.Read(reader, "weights", trees, required: true),
            _ => null,
        };
        var groups = Grouping.ReadCoded(reader, "by");
        var bins = reader.Whole("bins", 2, MostBins) ?? 100;
        var confidence = Confidence.Read(reader);
        var edges = model?.Head == HeadKind.Cox ? Grid.ReadEdges(reader, "edges") : [];
        if (model is null || weights is null || edges is null)
            return null;
        if (model.Head == HeadKind.Linear)
            reader.Add("model", "a model of events or classes", "one of a number", "compare its loss in training-round");
        var scores = new ScoreTable(model, groups, bins, [.. (model.Head == HeadKind.DiscreteSurvival ? model.Outcome.Edges : edges.Select(e => (double)e))]);
        if (scores.Length <= MostCells)
            return new EvaluationPlan(new EvaluationSums(scores, weights), scores, (double)confidence.Level);
        reader.Add("bins", $"at most {MostCells} counters", $"{scores.Length}", "use fewer bins, groups or edges");
        return null;
    }
}

/// <summary>Checked parameters of <see cref="EvaluationMethod"/>.</summary>
internal sealed class EvaluationPlan(EvaluationSums sums, ScoreTable scores, double level) : MethodPlan(sums)
{
    public override MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules) =>
        scores.Model.Head == HeadKind.Softmax ? new ClassesFinish(scores).From(total, rules) : new EvaluationFinish(scores, level).From(total, noise, rules);
}
