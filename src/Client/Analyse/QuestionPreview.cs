using Consilience.Analyses;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Analyse;

/// <summary>A sound way to noise a question, and what it leaves of the truth.</summary>
/// <param name="Name">As in requests.</param>
/// <param name="HalfWidth">A counter is within this many persons of the truth nineteen times in twenty; null where counters are factorised.</param>
/// <param name="Error">Root mean square error, in persons, of what the method reads: counters, or running sums.</param>
/// <param name="Draws">The noise of one key holder, in words.</param>
public sealed record PreviewedPlan(string Name, long? HalfWidth, double Error, string Draws)
{
    internal static PreviewedPlan Of(NoiseTerms terms) => new(
        terms.Name,
        terms.Factorisation is null ? NoiseModel.Of(terms).HalfWidth(0.95) : null,
        terms.Error,
        $"{terms.Mechanism.Name} {(terms.Mechanism is DiscreteLaplace ? "of scale" : "of variance")} {(terms.Mechanism.Parameter / (terms.Factorisation is null ? 1 : (long)PrefixFactorisation.Unit * PrefixFactorisation.Unit)).ToDouble():0.###}");
}

/// <summary>What a question would cost and how accurate its answer would be, from the study and the question alone: no data are read and nothing is charged.</summary>
public sealed record QuestionPreview
{
    public required string Name { get; init; }

    public required string Method { get; init; }

    /// <summary>Number of counters.</summary>
    public required int Counters { get; init; }

    /// <summary>Counters in each running sum that the method reads; 1 when it reads none.</summary>
    public required int StreamLength { get; init; }

    /// <summary>The price, such as <c>ε = 1</c>; for a wanted accuracy the least that buys it.</summary>
    public required string Price { get; init; }

    public required NanoRho Charge { get; init; }

    /// <summary>Whom the noise protects.</summary>
    public required string PrivacyUnit { get; init; }

    /// <summary>The plan that is used first, then the others.</summary>
    public required IReadOnlyList<PreviewedPlan> Plans { get; init; }

    /// <summary>How many questions of this kind the rest of each site's budget pays for, by what the hub knows and the study allows; a site's own policy may allow fewer.</summary>
    public required IReadOnlyDictionary<OrganisationId, long> QuestionsLeft { get; init; }

    /// <summary>Persons the words below suppose.</summary>
    public required long Persons { get; init; }

    /// <summary>What to expect, in sentences.</summary>
    public required IReadOnlyList<string> Expect { get; init; }

    /// <summary>Null unless noise would be larger than chance; then what to change.</summary>
    public required string? Warning { get; init; }
}
