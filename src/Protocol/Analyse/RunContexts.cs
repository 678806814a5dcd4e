using System.Text;
using Consilience.Protocol.Identity;
using Consilience.SecureAggregation.Masking;

namespace Consilience.Protocol.Analyse;

/// <summary>What the cryptography of a run is bound to, built from the same signed statements by every party, of requests that were planned.</summary>
public static class RunContexts
{
    /// <summary>The context of one site's mask towards one key holder.</summary>
    public static MaskContext Mask(Signed<RequestStatement> request, OrganisationId site, OrganisationId keyHolder)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(site);
        ArgumentNullException.ThrowIfNull(keyHolder);
        var terms = request.Statement;
        return new MaskContext(terms.Run.ToBytes(), terms.Round, site.ToString(), keyHolder.ToString(), request.Digest.ToBytes(), terms.VectorLength, Ring.Of(terms.WordBits));
    }

    /// <summary>The associated data of a key holder's sealed share of one roll. Ids and digests have fixed alphabets without the separator.</summary>
    public static byte[] Share(Signed<RequestStatement> request, Digest roll, OrganisationId keyHolder)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(roll);
        var terms = request.Statement;
        return Encoding.ASCII.GetBytes($"consilience/share/v1|{terms.Run}|{terms.Round}|{request.Digest}|{roll}|{keyHolder}|{terms.VectorLength}|{terms.WordBits}");
    }
}
