using System.Globalization;

namespace Consilience.EndToEnd.Tests;

/// <summary>What another process of this user holds in memory, read through <c>/proc</c>.</summary>
internal static class ProcessMemory
{
    /// <summary>Whether a process's writable memory holds these bytes.</summary>
    internal static bool Holds(int process, byte[] wanted)
    {
        using var memory = new FileStream($"/proc/{process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var buffer = new byte[1 << 20];
        foreach (var (start, end) in Writable(process))
        {
            // Windows overlap by the length of what is searched, so that nothing hides on a border.
            for (var at = start; at < end; at += buffer.Length - wanted.Length)
            {
                var read = Read(memory, at, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)));
                if (buffer.AsSpan(0, read).IndexOf(wanted) >= 0)
                    return true;
            }
        }

        return false;
    }

    private static IEnumerable<(long Start, long End)> Writable(int process) =>
        from line in File.ReadAllLines($"/proc/{process}/maps")
        let fields = line.Split(' ')
        where fields[1].StartsWith("rw", StringComparison.Ordinal)
        let range = fields[0].Split('-')
        where range[1].Length < 16
        select (long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    private static int Read(FileStream memory, long at, Span<byte> destination)
    {
        try
        {
            memory.Position = at;
            return memory.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        }
        catch (IOException)
        {
            // Reserved, but never backed by a page.
            return 0;
        }
    }
}
