using Consilience.Analyses;
using Consilience.Analyses.Schema;
using Consilience.FederatedLearning.Models;
using Consilience.FederatedLearning.Numerics;
using Consilience.FederatedLearning.Rounds;

namespace Consilience.FederatedLearning.Tests.Published;

/// <summary>Sites in one process: each encodes, the sums are added as they are opened, and the next weights made of them.</summary>
internal sealed class Federation(StudySchema schema, object model, IReadOnlyList<IRows> sites)
{
    internal IReadOnlyList<IRows> Sites => sites;

    internal ModelDeclaration Model { get; } = Written.Model(schema, model);

    /// <summary>Trains for some rounds.</summary>
    /// <param name="rounds">How many.</param>
    /// <param name="seed">Of initial weights and the order of rows.</param>
    /// <param name="parameters">Of the round, its number and weights given, and the mean gradient there where <paramref name="isCorrected"/>.</param>
    /// <param name="step">The next weights, from those before and the round.</param>
    /// <param name="isCorrected">Whether each round asks for the mean gradient first.</param>
    internal ModelWeights Train(int rounds, long seed, Func<int, string, string?, object> parameters, Func<ModelWeights, TrainingRound, ModelWeights> step, bool isCorrected = false)
    {
        var weights = ModelWeights.Initialise(Model, seed);
        for (var round = 0; round < rounds; round++)
        {
            var written = Written.Base64(weights);
            string? control = null;
            if (isCorrected)
                control = Written.Base64(ModelWeights.Of([.. Ask(new { model, weights = written, clip = 1000, bits = 10 }).MeanUpdate.Select(u => (float)-u)]));
            weights = step(weights, Ask(parameters(round, written, control)));
        }

        return weights;
    }

    internal TrainingRound Ask(object parameters)
    {
        var plan = Written.Plan("training-round", schema, parameters);
        return TrainingRound.Read(plan, Written.Total(plan, sites));
    }

    internal static ModelWeights Average(ModelWeights weights, TrainingRound round) => Add(weights, round.MeanUpdate);

    /// <summary>Reddi et al. 2021, algorithm 2, without correction of the first rounds, as the published benchmark has it.</summary>
    internal static Func<ModelWeights, TrainingRound, ModelWeights> Adam(double rate, int weights)
    {
        var (mean, square) = (new double[weights], new double[weights]);
        return (at, round) =>
        {
            var step = new double[weights];
            for (var i = 0; i < weights; i++)
            {
                mean[i] = (0.9 * mean[i]) + (0.1 * round.MeanUpdate[i]);
                square[i] = (0.999 * square[i]) + (0.001 * round.MeanUpdate[i] * round.MeanUpdate[i]);
                step[i] = rate * mean[i] / (Math.Sqrt(square[i]) + 1e-8);
            }

            return Add(at, step);
        };
    }

    internal static ModelWeights Add(ModelWeights weights, IEnumerable<double> step) => ModelWeights.Of([.. weights.Values.ToArray().Zip(step, (w, s) => (float)(w + s))]);

    /// <summary>Two thirds of the rows, and the others, chosen by a seed.</summary>
    internal static (RowsInMemory Training, RowsInMemory Test) Split(IReadOnlyList<string> variables, IEnumerable<double[]> rows, long seed)
    {
        var stream = SeededStream.For(seed, StreamPurpose.OrderOfRows);
        var shuffled = rows.Select(r => (Key: stream.Next(), Row: r)).OrderBy(r => r.Key).Select(r => r.Row).ToList();
        var training = (int)Math.Round(shuffled.Count * 0.66);
        return (new RowsInMemory(variables, [.. shuffled.Take(training)]), new RowsInMemory(variables, [.. shuffled.Skip(training)]));
    }

    /// <summary>Records of a file beside the tests, by column.</summary>
    internal static List<Dictionary<string, string>> Read(string file)
    {
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "vectors", file));
        var columns = Cells(lines[0]);
        return [.. lines.Skip(1).Select(l => columns.Zip(Cells(l)).ToDictionary(c => c.First, c => c.Second, StringComparer.Ordinal))];
    }

    private static List<string> Cells(string line)
    {
        var (cells, isQuoted) = (new List<string> { "" }, false);
        foreach (var character in line)
        {
            if (character == '"')
                isQuoted = !isQuoted;
            else if (character == ',' && !isQuoted)
                cells.Add("");
            else
                cells[^1] += character;
        }

        return cells;
    }
}
