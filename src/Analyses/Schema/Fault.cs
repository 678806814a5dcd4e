namespace Consilience.Analyses.Schema;

/// <summary>A place in a text that a person wrote. Lines and columns count from 1.</summary>
public sealed record SourcePosition(string? File, int Line, int Column)
{
    public override string ToString() => File is null ? $"line {Line}, column {Column}" : $"{File}:{Line}:{Column}";
}

/// <summary>One thing wrong with an input: what was expected, what came, and how to mend it. Never holds a datum of a patient.</summary>
public sealed record Fault(string Subject, string Expected, string Got, string Fix, SourcePosition? At = null)
{
    public override string ToString() =>
        $"{(At is null ? "" : At + ": ")}{Subject}: expected {Expected}, got {Got}; {Fix}";
}

/// <summary>An input was refused. Carries every fault found, not only the first.</summary>
public sealed class FaultyInputException(string what, IReadOnlyList<Fault> faults)
    : Exception($"{what}: {faults.Count} fault{(faults.Count == 1 ? "" : "s")}\n{string.Join('\n', faults.Select(f => "  " + f))}")
{
    public string What { get; } = what;

    public IReadOnlyList<Fault> Faults { get; } = faults;
}
