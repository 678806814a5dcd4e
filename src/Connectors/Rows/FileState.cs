using System.Security.Cryptography;
using System.Text;
using Consilience.Connectors.Mapping;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Identity;

namespace Consilience.Connectors.Rows;

/// <summary>
/// Names, sizes and times of the mapped files: equal states of settled files are equal contents. A file written within the last moments is not settled, because a second
/// writing may carry the same time.
/// </summary>
internal sealed record FileState(string Stamp, DateTimeOffset Newest)
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    internal static FileState Of(IReadOnlyList<string> files)
    {
        try
        {
            var present = files.Select(f => new FileInfo(f)).ToList();
            var stamp = string.Join('|', present.Select(f => f.Exists ? $"{f.FullName}:{f.Length}:{f.LastWriteTimeUtc.Ticks}" : $"{f.FullName}:absent"));
            return new FileState(stamp, present.Where(f => f.Exists).Select(f => new DateTimeOffset(f.LastWriteTimeUtc)).DefaultIfEmpty(DateTimeOffset.MinValue).Max());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    internal bool IsSettled(DateTimeOffset now) => Newest < now - Moment;

    /// <summary>SHA-256 over the mapping, as far as it decides what the rows mean, and over every file's bytes.</summary>
    internal static Digest Digest(DataMapping mapping)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(MappingBytes(mapping));
        var buffer = new byte[1 << 18];
        try
        {
            foreach (var file in mapping.AllFiles)
            {
                using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0, FileOptions.SequentialScan);
                hash.AppendData(BitConverter.GetBytes(stream.Length));
                for (int read; (read = stream.Read(buffer)) > 0;)
                    hash.AppendData(buffer, 0, read);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }

        return Protocol.Identity.Digest.FromHash(hash.GetHashAndReset());
    }

    private static byte[] MappingBytes(DataMapping mapping)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write((int)mapping.Format);
        writer.Write(mapping.Delimiter);
        WriteAll(mapping.MissingTokens);
        writer.Write(mapping.PersonColumn is not null);
        writer.Write(mapping.PersonColumn ?? "");
        writer.Write(mapping.ChoiceKey ?? "");
        writer.Write(mapping.Columns.Count);
        foreach (var column in mapping.Columns)
        {
            WriteAll([column.Variable.Name, column.Variable.Type.ToString(), column.Column, column.DateFormat, $"{column.Factor}", $"{column.Variable.Minimum}", $"{column.Variable.Maximum}"]);
            WriteAll([.. column.Variable.Codes.Select(c => c.Code)]);
            WriteAll([.. column.Codes.OrderBy(c => c.Key, StringComparer.Ordinal).SelectMany(c => new[] { c.Key, c.Value is null ? "missing" : $"code {c.Value}" })]);
        }

        if (mapping.Genotypes.Count > 0)
            WriteAll([.. mapping.Genotypes.Select(g => g.Panel.Digest)]);
        writer.Flush();
        return stream.ToArray();

        void WriteAll(IReadOnlyList<string> texts)
        {
            writer.Write(texts.Count);
            foreach (var text in texts)
                writer.Write(text);
        }
    }

    private static SiteDataException Unreadable(Exception e) =>
        new(RefusalCode.DataUnreadable, "data: a mapped file is not there, or may not be read by this program; check the paths in the mapping file and the files' rights", e);
}
