namespace Consilience.Tests.World;

/// <summary>Stands in for SIGKILL: nothing after it happens.</summary>
internal sealed class ProcessKilledException(string step) : Exception(step);

/// <summary>
/// Kills a party at a step. What the disk holds at that moment is copied aside, database and write-ahead log, exactly as a killed process leaves them; whatever the dying
/// program still does cannot reach the copy.
/// </summary>
internal sealed class KilledAt(string step, string database, string survivor)
{
    private readonly Lock gate = new();

    internal bool Happened { get; private set; }

    internal void OnStep(string current)
    {
        lock (gate)
        {
            if (Happened)
                throw new ProcessKilledException(step);
            if (current != step)
                return;
            Happened = true;
            foreach (var suffix in new[] { "", "-wal" }.Where(s => File.Exists(database + s)))
                File.Copy(database + suffix, survivor + suffix);
            throw new ProcessKilledException(step);
        }
    }
}
