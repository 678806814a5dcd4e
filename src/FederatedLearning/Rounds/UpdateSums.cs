using System.Globalization;
using Consilience.Analyses;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;
using Consilience.FederatedLearning.Training;

namespace Consilience.FederatedLearning.Rounds;

/// <summary>
/// How far a site's training moves the weights, no farther than a public length, times the site's weight. Rounded up or down at random, so that rounding does not push the mean; at random from a public seed, because exact precision promises
/// no more.
/// </summary>
internal sealed class UpdateSums(ModelDeclaration model, RoundWeights weights, LocalSettings settings, decimal clip, int bits, int mostWeight, PersonalLayers? personal) : RoundSums(model, weights, bits)
{
    private const double LossUnit = 1 << 20;
    private const long MostPersons = 1 << 24;

    /// <summary>Weights that all sites have together; null for all.</summary>
    private readonly int[]? shared = personal?.Shared;

    public override int VectorLength => Heads + (shared?.Length ?? Model.ParameterCount);

    public override ContributionBound Bound => throw new NotSupportedException("updates of many steps have no bound for noise");

    public override long LargestCounter => Math.Max(MostPersons, (long)decimal.Ceiling(clip * mostWeight * (decimal)Unit) + 1);

    public override string Canonical { get; } = CanonicalOf(writer =>
    {
        writer.WriteString("training", model.Canonical);
        writer.WriteString("weights", weights.Digest);
        writer.WriteString("control", weights.ControlDigest);
        writer.WriteString("local", string.Create(CultureInfo.InvariantCulture, $"{settings}"));
        writer.WriteString("clip", $"{clip / 1.0000000000000000000000000000m}");
        writer.WriteNumber("bits", bits);
        writer.WriteNumber("most", mostWeight);
        if (personal is not null)
            writer.WriteString("personal", personal.Canonical);
    });

    internal override string ObjectionToNoise => "what a site learns from all persons in many steps has no bound by person; write 'unit: person' in 'local', and each person's update is clipped, or leave 'local' out, and each person's gradient is";

    /// <summary>Persons, rows left out, loss in two counters, weight.</summary>
    private protected override int Heads => 5;

    internal override TrainingRound Figures(ReadOnlySpan<long> total) => new(total[0], total[1], null, total[0] > 0 ? (total[2] + (total[3] / LossUnit)) / total[0] : null, Norm(total));

    private protected override double Divisor(ReadOnlySpan<long> total) => total[4];

    private protected override int Place(int counter) => shared?[counter] ?? counter;

    /// <summary>Each site's update is no longer than the clip, times its weight; rounding moves each number by less than 1.</summary>
    internal override string? Objection(ReadOnlySpan<long> total, int sites) =>
        total[0] >= 0 && total[1] >= 0 && total[4] >= 0 && total[4] <= Math.Min(total[0], (long)sites * mostWeight)
            ? Farther(total[Heads..], ((double)clip * Unit * total[4]) + (sites * Math.Sqrt(Model.ParameterCount)))
            : "the figures before the update are none that sites' software gives; a site sent what it must not: find it by a study with fewer sites";

    private protected override void Encode(IRows rows, ModelWeights at, ModelWeights? control, Span<long> vector)
    {
        var read = TrainingRows.Read(Model, rows);
        if (personal is not null)
            at = personal.Fit(Model, read, at);
        var (trained, loss) = new LocalTraining(Model, read, settings, control, personal?.Held).Run(at);
        if (!double.IsFinite(loss) || !Array.TrueForAll(trained, float.IsFinite))
            throw new ArithmeticException("training: left the range of numbers (expected finite weights); use a smaller learning rate");
        var shown = Math.Min(loss, MostPersons);
        var weight = Math.Min(read.Count, mostWeight);
        (vector[0], vector[1], vector[4]) = (read.Count, read.Skipped, weight);
        (vector[2], vector[3]) = ((long)Math.Floor(shown), (long)((shown - Math.Floor(shown)) * LossUnit));
        Write(trained, at.Values, weight, vector[Heads..]);
    }

    private void Write(float[] trained, ReadOnlySpan<float> from, int weight, Span<long> cells)
    {
        // Personal weights are where they were before the shared ones were trained, so they add nothing to the length.
        double squares = 0;
        for (var i = 0; i < trained.Length; i++)
            squares += ((double)trained[i] - from[i]) * ((double)trained[i] - from[i]);
        var factor = weight * Unit * (squares > 0 ? Math.Min(1, (double)clip / Math.Sqrt(squares)) : 0);
        var stream = SeededStream.For(settings.Seed, StreamPurpose.Rounding);
        for (var i = 0; i < cells.Length; i++)
        {
            var place = shared?[i] ?? i;
            cells[i] = (long)Math.Floor((((double)trained[place] - from[place]) * factor) + stream.Uniform());
        }
    }
}
