using Consilience.Analyses.Cohorts;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.DifferentialPrivacy.Mechanisms;
using Consilience.Protocol.Identity;

namespace Consilience.Protocol.Agreements;

/// <summary>Why data are used: a code of the Data Use Ontology (for example <c>DUO:0000007</c>, disease specific research) and words.</summary>
public sealed record Purpose(string Code, string Text)
{
    internal static bool IsCode(string text) =>
        text.Length == 11 && text.StartsWith("DUO:", StringComparison.Ordinal) && text[4..].All(char.IsAsciiDigit);
}

/// <summary>A researcher named by a study; keys come with the card its organisation signed.</summary>
public sealed record NamedResearcher(string Name, OrganisationId Organisation);

/// <summary>What a study wants at exact precision.</summary>
/// <param name="MinimumSites">Fewest sites in a sum.</param>
/// <param name="MinimumPersons">Fewest persons of the cohort at a site; a site with fewer refuses.</param>
public sealed record ExactTerms(int MinimumSites, int MinimumPersons);

/// <summary>What a study wants at noised precision.</summary>
/// <param name="MaximumEpsilon">Largest ε of one question.</param>
/// <param name="Budget">What the study may spend at each site.</param>
/// <param name="PerResearcher">What one researcher may spend of it at each site; null for all of it.</param>
/// <param name="Colluding">How many key holders may work together without weakening what is promised; null for all but one.</param>
public sealed record NoisedTerms(Epsilon MaximumEpsilon, NanoRho Budget, NanoRho? PerResearcher = null, int? Colluding = null);

/// <summary>
/// A checked study: who asks what of whom, for which purpose, how precisely and until when. Immutable; read by <see cref="StudyReader"/> from the YAML text that is signed.
/// </summary>
public sealed record Study
{
    public required StudyId Id { get; init; }

    public required string Title { get; init; }

    public required Purpose Purpose { get; init; }

    public required IReadOnlyList<NamedResearcher> Researchers { get; init; }

    public required IReadOnlyList<OrganisationId> Sites { get; init; }

    /// <summary>1 to 8; in this order everywhere.</summary>
    public required IReadOnlyList<OrganisationId> KeyHolders { get; init; }

    /// <summary>Fewest sites in any sum.</summary>
    public required int MinimumSites { get; init; }

    public required StudySchema Schema { get; init; }

    /// <summary>Whom the study is about; every question is about these persons at most.</summary>
    public required CohortExpression Cohort { get; init; }

    /// <summary>Names of permitted methods.</summary>
    public required IReadOnlyList<string> Methods { get; init; }

    /// <summary>Null when the study does not want exact precision.</summary>
    public required ExactTerms? Exact { get; init; }

    /// <summary>Null when the study does not want noised precision.</summary>
    public required NoisedTerms? Noised { get; init; }

    /// <summary>What may be shown of an answer, at either precision.</summary>
    public DisclosureRules Disclosure { get; init; } = DisclosureRules.None;

    /// <summary>Who is protected at noised precision.</summary>
    public required PrivacyUnit Unit { get; init; }

    /// <summary>Who adds the noise, and how many of them the promise withstands.</summary>
    public KeyHolderTrust Trust => new(KeyHolders.Count, Noised?.Colluding ?? KeyHolders.Count - 1);

    /// <summary>The last day on which a request is answered.</summary>
    public required DateOnly Expires { get; init; }

    /// <summary>The text that was read and is signed.</summary>
    public required string Text { get; init; }

    /// <summary>Fewest sites in a sum at this precision.</summary>
    public int MinimumSitesAt(Analyse.Precision precision) =>
        precision == Analyse.Precision.Exact && Exact is not null ? Math.Max(MinimumSites, Exact.MinimumSites) : MinimumSites;
}
