using System.Runtime.CompilerServices;
using Consilience.KeyHolder;

[assembly: InternalsVisibleTo("Consilience.Site.Tests")]

namespace Consilience.Site;

/// <summary>
/// The stable names of the moments immediately before and after every durable write and every send of a site. A test ends the site at each of them and checks that the
/// run is charged once and answered with the same bytes once the site is started again.
/// </summary>
public static class SiteSteps
{
    /// <summary>What every step of a site begins with.</summary>
    internal const string Prefix = "site";

    public const string WantedSending = "site.wanted-sending";
    public const string WantedSent = "site.wanted-sent";
    public const string AttachmentStoring = "site.attachment-storing";
    public const string AttachmentStored = "site.attachment-stored";
    public const string ReservationStoring = "site.reservation-storing";
    public const string ReservationStored = "site.reservation-stored";
    public const string ContributionStoring = "site.contribution-storing";
    public const string ContributionStored = "site.contribution-stored";
    public const string ContributionSending = "site.contribution-sending";
    public const string ContributionSent = "site.contribution-sent";

    /// <summary>Those that only a run with an attachment takes.</summary>
    public static IReadOnlyList<string> OfAttachments { get; } = [WantedSending, WantedSent, AttachmentStoring, AttachmentStored];

    /// <summary>Every step, in the order of a study and one run.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. PartySteps.OfStudies(Prefix),
        .. OfAttachments,
        ReservationStoring, ReservationStored, ContributionStoring, ContributionStored, ContributionSending, ContributionSent,
        .. PartySteps.OfTransfers(Prefix),
    ];
}
