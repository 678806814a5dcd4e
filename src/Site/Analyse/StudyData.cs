using System.Collections.Concurrent;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;
using Consilience.Protocol.Agreements;
using Consilience.Protocol.Identity;

namespace Consilience.Site.Analyse;

/// <summary>The site's data as each study sees them, opened when first asked for.</summary>
/// <param name="site">Whose they are: what stands in a study's variable of sites, whatever the files say.</param>
/// <param name="mappingOf">The mapping for a study's schema.</param>
public sealed class StudyData(OrganisationId site, Func<Study, DataMapping> mappingOf) : IDisposable
{
    private readonly ConcurrentDictionary<Digest, Lazy<SiteData>> opened = new();

    /// <exception cref="SiteDataException">The data do not fit, or cannot be read.</exception>
    public SiteData For(Agreement agreement)
    {
        ArgumentNullException.ThrowIfNull(agreement);
        var data = opened.GetOrAdd(agreement.Digest, _ => new Lazy<SiteData>(() => Open(agreement.Study)));
        try
        {
            return data.Value;
        }
        catch
        {
            // Not kept: the operator may mend the data or the mapping while the site runs.
            opened.TryRemove(new(agreement.Digest, data));
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var data in opened.Values.Where(d => d.IsValueCreated))
            data.Value.Dispose();
    }

    private SiteData Open(Study study)
    {
        try
        {
            return SiteData.Open(mappingOf(study).At($"{site}", study.Schema), study.Schema);
        }
        catch (Exception e) when (e is Consilience.Analyses.Schema.FaultyInputException or IOException or UnauthorizedAccessException)
        {
            throw new SiteDataException(Protocol.Analyse.RefusalCode.DataUnreadable, $"mapping for study {study.Id}: {e.Message}", e);
        }
    }
}
