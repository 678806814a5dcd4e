using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Analyses;
using Consilience.Analyses.Disclosure;
using Consilience.Client.Analyse;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.FederatedLearning.Heads;

namespace Consilience.Client.Train;

/// <summary>What tells better weights from worse.</summary>
public enum ValidationMeasure
{
    Unspecified = 0,

    /// <summary>Mean log loss; less is better.</summary>
    Loss,

    /// <summary>Area under the ROC curve.</summary>
    Auc,

    /// <summary>Harrell's C.</summary>
    CIndex,

    /// <summary>The share of classes predicted rightly.</summary>
    Accuracy,
}

/// <summary>How a round's weights did on persons who are not trained on; at noised precision all of it carries noise. Null where rules hide a figure, or there is none.</summary>
/// <param name="Round">Whose update they hold.</param>
/// <param name="Loss">Mean log loss, of logistic models.</param>
/// <param name="Discrimination">AUC, C or accuracy, as the model's head has it.</param>
/// <param name="Lower">Of its 95 % limits.</param>
/// <param name="Upper">Of the same.</param>
public sealed record ValidatedRound(int Round, double? Loss, double? Discrimination, double? Lower, double? Upper)
{
    /// <summary>Its figures, such as <c>0.812 (0.790–0.834)</c>.</summary>
    public string Words => Discrimination is null ? "no figure"
        : string.Create(CultureInfo.InvariantCulture, $"{Discrimination:0.000}{(Lower is null || Upper is null ? "" : string.Create(CultureInfo.InvariantCulture, $" ({Lower:0.000}–{Upper:0.000})"))}{(Loss is null ? "" : string.Create(CultureInfo.InvariantCulture, $", log loss {Loss:0.0000}"))}");
}

/// <summary>
/// Validation while a model is trained: every so many rounds, and after the last, <c>model-evaluation</c> of persons who are not trained on. The weights that did best are released, and training ends when none did better for long enough.
/// </summary>
/// <param name="Cohort">Persons who are not trained on.</param>
/// <param name="Every">Rounds between.</param>
/// <param name="Measure">Of what is better.</param>
/// <param name="Patience">Rounds without a gain that end the training; null to train all rounds.</param>
/// <param name="Gain">The least that counts as one.</param>
/// <param name="Scores">Further parameters of <c>model-evaluation</c>, handed on as written: <c>bins</c>, <c>edges</c>.</param>
/// <param name="Rho">ρ of each question, at noised precision; null at exact precision.</param>
public sealed record Validation(string Cohort, int Every, ValidationMeasure Measure, int? Patience, decimal Gain, IReadOnlyDictionary<string, JsonElement> Scores, NanoRho? Rho)
{
    /// <summary>Most questions in a training of so many rounds.</summary>
    public int Times(int rounds) => (rounds + Every - 1) / Every;

    /// <summary>Measures that a head has; the first is what it discriminates by.</summary>
    public static IReadOnlyList<ValidationMeasure> MeasuresOf(HeadKind head) => head switch
    {
        HeadKind.Logistic => [ValidationMeasure.Auc, ValidationMeasure.Loss],
        HeadKind.Cox or HeadKind.DiscreteSurvival => [ValidationMeasure.CIndex],
        HeadKind.Softmax => [ValidationMeasure.Accuracy],
        _ => [],
    };

    /// <summary>As plans and figures write it.</summary>
    public static string NameOf(ValidationMeasure measure) => measure switch { ValidationMeasure.CIndex => "c-index", _ => measure.ToString().ToLowerInvariant() };

    internal Question Ask(TrainingCourse course, TrainingState state)
    {
        var parameters = course.AskedAt(state);
        foreach (var (name, value) in Scores)
            parameters[name] = JsonNode.Parse(value.GetRawText());
        var cohort = PersonalPart.Evaluate(course.Plan, course.Plan.Personal, Cohort, parameters);
        return new Question($"{course.Plan.Name}, validation of round {state.Round}", TrainingEvaluation.Method, JsonSerializer.SerializeToElement<JsonNode>(parameters), cohort, course.Plan.Precision, null, Rho?.ToString())
        {
            Attached = course.AttachedAt(state),
        };
    }

    /// <summary>What an evaluation's tables say of a round's weights.</summary>
    internal static ValidatedRound Read(int round, MethodResult result)
    {
        var table = result.Tables[0];
        double? Of(params string[] columns) => table.Columns.ToList().FindIndex(columns.Contains) is >= 0 and var place ? table.Rows[0].Cells[place].Number : null;
        return table.Rows[0].Answer == AnswerKind.Value ? new(round, Of("log.loss"), Of("estimate", "accuracy"), Of("conf.low"), Of("conf.high")) : new(round, null, null, null, null);
    }

    /// <summary>What is compared, the greater the better; null where there is no figure.</summary>
    internal double? Worth(ValidatedRound validated) => Measure == ValidationMeasure.Loss ? -validated.Loss : validated.Discrimination;

    /// <summary>Whether the last of these did better than all before it.</summary>
    internal bool IsBest(IReadOnlyList<ValidatedRound> validations) =>
        Worth(validations[^1]) is { } last && validations.SkipLast(1).All(v => Worth(v) is not { } earlier || last > earlier);

    /// <summary>Whether no validation of the last rounds did better, by the gain, than the best before them.</summary>
    internal bool IsReached(IReadOnlyList<ValidatedRound> validations)
    {
        if (Patience is not { } rounds || validations.Count == 0)
            return false;
        var from = validations[^1].Round - rounds;
        var earlier = validations.Where(v => v.Round <= from).Select(Worth).OfType<double>().ToList();
        var later = validations.Where(v => v.Round > from).Select(Worth).OfType<double>().ToList();
        return earlier.Count > 0 && later.Count > 0 && later.Max() - earlier.Max() is var gain && (gain <= 0 || gain < (double)Gain);
    }
}
