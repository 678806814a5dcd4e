using Consilience.Protocol.Analyse;

namespace Consilience.Connectors.Rows;

/// <summary>
/// The site's data cannot be used. <see cref="Code"/> is all that may leave the site; the message, which names files, rows and columns but never a cell, is for its own operator
/// and log. <b>Guarantee:</b> what the engine said, which may quote a cell, is not in it.
/// </summary>
public sealed class SiteDataException(RefusalCode code, string message, Exception? inner = null) : Exception(message, inner)
{
    public RefusalCode Code { get; } = code;
}
