using System.Globalization;
using System.Text.Json;
using Consilience.Client.Train.Trees;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.Protocol.Analyse;

namespace Consilience.Client.Train;

/// <summary>Stop when the loss has not fallen by <paramref name="Gain"/> in the last <paramref name="Rounds"/> rounds.</summary>
public sealed record StopRule(int Rounds, decimal Gain)
{
    /// <param name="losses">Of the rounds so far, in order; null where a round had none.</param>
    public bool IsReached(IReadOnlyList<double?> losses)
    {
        ArgumentNullException.ThrowIfNull(losses);
        var known = losses.OfType<double>().ToList();
        return known.Count > Rounds && known.TakeLast(Rounds).Min() > known.SkipLast(Rounds).Min() - (double)Gain;
    }
}

/// <summary>The privacy that all rounds of a training are paid with.</summary>
/// <param name="Rho">ρ of all rounds together, which ledgers are charged.</param>
/// <param name="Epsilon">That the plan promises; null where it offers ρ.</param>
/// <param name="Delta">At which ε is stated.</param>
public sealed record TrainingPrice(NanoRho Rho, decimal? Epsilon, decimal Delta)
{
    /// <summary>Where a plan names none.</summary>
    internal const decimal UsualDelta = 0.00001m;

    /// <summary>The part of ρ that is kept back for what whole numbers lose: more than units of a thousandth of the clip need.</summary>
    private const double Reserve = 1e-3;

    /// <summary>The most ρ, in billionths, whose Gaussian noise gives (ε, δ) over all rounds together; 0 where not a billionth does.</summary>
    internal static TrainingPrice Of(decimal epsilon, decimal delta) =>
        new(new((long)Math.Floor((1 - Reserve) * 1e9 / (2 * Math.Pow(GaussianProfile.Sigma((double)epsilon, (double)delta), 2)))), epsilon, delta);

    /// <summary>As the plan states it.</summary>
    public string Words => Epsilon is null ? $"ρ = {Rho}" : string.Create(CultureInfo.InvariantCulture, $"ε = {Epsilon} at δ = {Delta}");
}

/// <summary>A training as its researcher wrote it, well-formed; <see cref="TrainingCourse"/> checks it against a study.</summary>
public sealed record TrainingPlan
{
    /// <summary>Of the training, in files and cards.</summary>
    public required string Name { get; init; }

    /// <summary>The study's short name, or its agreement's digest.</summary>
    public required string Study { get; init; }

    /// <summary>Whom to train on; empty for everybody of the study.</summary>
    public required string Cohort { get; init; }

    /// <summary>A declaration in the vocabulary of models, or of trees.</summary>
    public JsonElement Model { get; init; }

    public Strategy Strategy { get; init; } = new Boosting();

    /// <summary>At most.</summary>
    public int Rounds { get; init; }

    /// <summary>How sites train before they answer, or each of their persons by itself, as <c>training-round</c> reads it; null for a single gradient.</summary>
    public JsonElement? Local { get; init; }

    /// <summary>Whether each person trains by itself.</summary>
    internal bool IsByPerson => Local is { } local && local.TryGetProperty("unit", out var unit) && unit.ValueKind == JsonValueKind.String && unit.GetString() == "person";

    /// <summary>Layers that every site has to itself, as <c>training-round</c> and <c>model-evaluation</c> read them; null for none.</summary>
    public JsonElement? Personal { get; init; }

    /// <summary>Of the learning rate at sites; of the server's where sites take a single gradient.</summary>
    public Schedule Schedule { get; init; } = Schedule.Constant;

    /// <summary>The longest update of a site or person, or gradient of a person; of the first round, where it is adaptive.</summary>
    public decimal Clip { get; init; } = 1;

    /// <summary>How the clip moves; null where it stays.</summary>
    public AdaptiveClip? Adaptive { get; init; }

    /// <summary>Further parameters of <c>training-round</c>, handed on as written: <c>bits</c>, <c>weighting</c>, <c>patients</c>.</summary>
    public IReadOnlyDictionary<string, JsonElement> Sums { get; init; } = new Dictionary<string, JsonElement>();

    public required Precision Precision { get; init; }

    /// <summary>Null at exact precision.</summary>
    public required TrainingPrice? Price { get; init; }

    /// <summary>A round with fewer sites in its sum ends the training; null for the agreement's own minimum.</summary>
    public required int? MinimumSites { get; init; }

    /// <summary>Which sites a round asks; null for all of them.</summary>
    public required Participation? Participation { get; init; }

    /// <summary>How long sites have for a round; who has not answered by then is left out of it.</summary>
    public required TimeSpan Patience { get; init; }

    /// <summary>Null to train all rounds.</summary>
    public StopRule? Stop { get; init; }

    /// <summary>Null to release the last weights.</summary>
    public Validation? Validation { get; init; }

    /// <summary>Null to release without any.</summary>
    public required TrainingEvaluation? Evaluation { get; init; }

    /// <summary>Null for no checks without groups.</summary>
    public required LeaveOut? LeaveOut { get; init; }

    /// <summary>How trees grow; null for a model with layers. Then there is nothing in <see cref="Strategy"/> but a name, and what belongs to layers is as it is here.</summary>
    public TreeSettings? Trees { get; init; }

    /// <summary>Of everything random that is not privacy noise.</summary>
    public required int Seed { get; init; }

    /// <summary>For the card.</summary>
    public required string IntendedUse { get; init; }

    /// <summary>The text that was read.</summary>
    public required string Text { get; init; }
}
