using System.Globalization;

namespace Consilience.Protocol.Agreements;

/// <summary>
/// Who is protected by the noise of a study: everything one person's records can change at one site, or at every site that person may have been to. Part of what is signed, and
/// named in every result. Argument and attacks: <c>docs/guarantees/privacy-unit.md</c>.
/// </summary>
public sealed record PrivacyUnit
{
    private PrivacyUnit(int sitesPerPerson, bool isPerson) => (SitesPerPerson, IsPerson) = (sitesPerPerson, isPerson);

    /// <summary>One person at one site. Somebody with records at two sites is two such persons, and is protected at each by itself.</summary>
    public static PrivacyUnit PersonAtSite { get; } = new(1, isPerson: false);

    /// <summary>Whether a person is protected as a whole, rather than at each site by itself.</summary>
    public bool IsPerson { get; }

    /// <summary>Most sites one person's records stand at; sensitivity is multiplied by it.</summary>
    public int SitesPerPerson { get; }

    /// <summary>One person wherever their records are, at <paramref name="sites"/> sites at most; 1 when linkage has made sure that nobody is counted twice.</summary>
    public static PrivacyUnit Person(int sites)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sites, 1);
        return new(sites, isPerson: true);
    }

    /// <summary>In words that follow "for".</summary>
    public override string ToString() => (IsPerson, SitesPerPerson) switch
    {
        (false, _) => "one person at one site",
        (true, 1) => "one person, whose records stand at one site only",
        _ => string.Create(CultureInfo.InvariantCulture, $"one person, whose records stand at up to {SitesPerPerson} sites"),
    };
}
