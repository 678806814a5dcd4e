using System.Text.Json;
using System.Text.Json.Nodes;
using Consilience.Client.Analyse;
using Consilience.Client.Publish;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.FederatedLearning.Heads;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Train;

/// <summary>What is asked of a trained model before it is released.</summary>
/// <param name="HeldOut">Persons who were not trained on, as a cohort.</param>
/// <param name="By">Variables of groups that are compared.</param>
/// <param name="Scores">Further parameters of <c>model-evaluation</c>, handed on as written: <c>bins</c>, <c>edges</c>.</param>
/// <param name="MostAdvantage">The largest advantage of a membership attack at which the model is released; null for any.</param>
/// <param name="Rho">ρ of each question, at noised precision; null at exact precision.</param>
public sealed record TrainingEvaluation(string HeldOut, IReadOnlyList<string> By, IReadOnlyDictionary<string, JsonElement> Scores, decimal? MostAdvantage, NanoRho? Rho)
{
    /// <summary>The method that is asked.</summary>
    public const string Method = "model-evaluation";

    internal const string OfHeldOut = "held-out", OfTrained = "trained-on", OfTuned = "fine-tuned";

    /// <summary>How sites tune the model to those it was trained on before it is evaluated once more, as <c>personal</c> of <c>model-evaluation</c>, of all layers unless it says which; null for no such question.</summary>
    public JsonElement? FineTune { get; init; }

    /// <summary>Whether those trained on are asked about too, for the membership attack, where the head lets it be measured.</summary>
    internal bool IsAttacked { get; init; } = true;

    /// <summary>Of the held-out persons; and where the head's loss follows from score and outcome, of those trained on, for the membership attack.</summary>
    internal IReadOnlyDictionary<string, Question> Questions(Course course, CourseState state)
    {
        var questions = new Dictionary<string, Question>(StringComparer.Ordinal) { [OfHeldOut] = Ask(course, state, OfHeldOut, HeldOut, By, course.Plan.Personal) };
        if (IsAttacked && course.Declared.Head == HeadKind.Logistic && course.Plan.Personal is null)
            questions[OfTrained] = Ask(course, state, OfTrained, course.Plan.Cohort, [], null);
        if (FineTune is not null)
            questions[OfTuned] = Ask(course, state, OfTuned, HeldOut, By, PersonalPart.OfAll(FineTune));
        return questions;
    }

    private Question Ask(Course course, CourseState state, string what, string cohort, IReadOnlyList<string> by, JsonElement? personal)
    {
        var parameters = course.AskedAt(state);
        foreach (var (name, value) in Scores)
            parameters[name] = JsonNode.Parse(value.GetRawText());
        if (by.Count > 0)
            parameters["by"] = new JsonArray([.. by.Select(b => JsonValue.Create(b))]);
        cohort = PersonalPart.Evaluate(course.Plan, personal, cohort, parameters);
        return new Question($"{course.Plan.Name}, {what}", Method, JsonSerializer.SerializeToElement<JsonNode>(parameters), cohort, course.Plan.Precision, null, Rho?.ToString()) { Attached = course.AttachedAt(state) };
    }
}

/// <summary>A trained model's evaluation, from receipts.</summary>
/// <param name="Receipts">By the name of their question.</param>
/// <param name="HeldOut">On persons who were not trained on.</param>
/// <param name="Tuned">On the same, once every site had tuned the model to those it was trained on; null where it was not asked.</param>
/// <param name="Attack">Null where it was not measured.</param>
public sealed record EvaluatedModel(IReadOnlyDictionary<string, ReceiptFile> Receipts, AnalysisResult HeldOut, AnalysisResult? Tuned, MembershipAttack? Attack)
{
    /// <summary>Reads the receipts of an evaluation; says which does not hold.</summary>
    internal static (EvaluatedModel? Evaluated, string? Objection) Of(Course course, CourseState state, Digest agreement, ConsortiumFile consortia, IReadOnlyDictionary<string, ReceiptFile> receipts)
    {
        var answers = new Dictionary<string, AnsweringReceipt>(StringComparer.Ordinal);
        foreach (var (name, question) in course.Plan.Evaluation!.Questions(course, state))
        {
            if (!receipts.TryGetValue(name, out var receipt))
                return (null, $"evaluation: no receipt of {name}");
            var (answer, objection) = AnsweringReceipt.Of(receipt, question, course, agreement, consortia);
            if (answer is null)
                return (null, $"evaluation of {name}: {objection}");
            answers[name] = answer;
        }

        var attack = answers.TryGetValue(TrainingEvaluation.OfTrained, out var trained) ? MembershipAttack.Of(ByLoss(trained.Total.Span, 1), ByLoss(answers[TrainingEvaluation.OfHeldOut].Total.Span, course.GroupsOf(course.Plan.Evaluation.By))) : null;
        return (new(receipts, answers[TrainingEvaluation.OfHeldOut].Result, answers.GetValueOrDefault(TrainingEvaluation.OfTuned)?.Result, attack), null);
    }

    /// <summary>Why the model may not be released; null where it may.</summary>
    public string? Objection(TrainingEvaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        return evaluation.MostAdvantage is { } most && (Attack is null || Attack.Advantage > (double)most)
            ? Attack is null ? "what the model tells of who was trained on could not be measured" : FormattableString.Invariant($"a membership attack has an advantage of {Attack.Advantage:0.000} (expected at most {most}, as the plan says)")
            : null;
    }

    /// <summary>Counters behind the first, which counts who was left out: a table of scores for each group.</summary>
    internal static IReadOnlyList<long> ByLoss(ReadOnlySpan<long> total, int groups)
    {
        var scores = new long[(total.Length - 1) / groups];
        for (var i = 1; i < total.Length; i++)
            scores[(i - 1) % scores.Length] += total[i];
        return MembershipAttack.ByLoss(scores);
    }
}
