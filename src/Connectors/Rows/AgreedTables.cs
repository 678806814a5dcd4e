using System.Security.Cryptography;
using System.Text;
using Consilience.Analyses.NetSurvival;
using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;
using Consilience.Protocol.Analyse;

namespace Consilience.Connectors.Rows;

/// <summary>Life tables beside a site's data. <b>Guarantee:</b> the bytes that are used are those whose digest the study states, read anew by every question.</summary>
internal static class AgreedTables
{
    /// <exception cref="SiteDataException">The table is not there, or not the agreed one.</exception>
    internal static LifeTable Read(string name, DataMapping mapping, StudySchema schema)
    {
        var agreed = schema.LifeTables.First(t => t.Name == name);
        if (!mapping.LifeTables.TryGetValue(name, out var path))
            throw Unreadable($"life table {name}: no file (expected one under 'lifeTables' in the mapping); name where it lies");
        try
        {
            var bytes = File.ReadAllBytes(path);
            var digest = Convert.ToHexStringLower(SHA256.HashData(bytes));
            return digest == agreed.Sha256
                ? LifeTable.Parse(Encoding.UTF8.GetString(bytes), agreed, schema)
                : throw Unreadable($"life table {name}: {Path.GetFileName(path)} is another file (expected SHA-256 {agreed.Sha256}, got {digest}); fetch the table that the study names");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable($"life table {name}: {Path.GetFileName(path)} cannot be read; see that it is there and readable", e);
        }
        catch (FormatException e)
        {
            throw Unreadable($"life table {name}: {Path.GetFileName(path)}: {e.Message}; correct the table and agree on its digest anew", e);
        }
    }

    private static SiteDataException Unreadable(string message, Exception? inner = null) => new(RefusalCode.DataUnreadable, message, inner);
}
