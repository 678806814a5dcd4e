using System.Runtime.InteropServices;
using Consilience.Connectors.Mapping;
using DuckDB.NET.Data;

namespace Consilience.Connectors.Rows;

/// <summary>
/// The embedded engine, confined: no extension is loaded, nothing is fetched, no file is read but the mapped ones, nothing spills to a disk, and no later statement can change
/// any of it. <b>Guarantee:</b> its messages, which may quote a cell, do not leave this class.
/// </summary>
internal sealed class Engine : IDisposable
{
    private readonly DuckDBConnection connection = new("DataSource=:memory:");
    private readonly DataMapping mapping;

    /// <summary>
    /// Memory that the engine frees, rows among it, goes back to the system at once instead of after ten seconds of its allocator's own time, which stands still while nobody asks. The allocator reads this once, when the library is
    /// loaded, and from the environment alone; who set it otherwise has it so.
    /// </summary>
    static Engine()
    {
        if (OperatingSystem.IsLinux())
            _ = SetEnvironment("DUCKDB_JE_MALLOC_CONF", "dirty_decay_ms:0,muzzy_decay_ms:0", 0);
    }

    internal Engine(DataMapping mapping, EngineLimits limits)
    {
        this.mapping = mapping;
        connection.Open();
        var paths = string.Join(", ", mapping.Files.Select(Sql.Literal));
        string[] settings =
        [
            $"SET threads = {Math.Max(1, limits.Threads)}", $"SET memory_limit = '{Math.Max(EngineLimits.LeastMemory, limits.MemoryInBytes) >> 20}MiB'", "SET temp_directory = ''",
            "SET autoinstall_known_extensions = false", "SET autoload_known_extensions = false", "SET allow_community_extensions = false", "SET allow_persistent_secrets = false",
            "SET preserve_insertion_order = true", $"SET allowed_paths = [{paths}]", "SET enable_external_access = false", "SET lock_configuration = true",
        ];
        foreach (var setting in settings)
            Run(new Sql(), setting);
    }

    public void Dispose() => connection.Dispose();

    /// <summary>Runs a statement and hands over its rows.</summary>
    internal void Run(Sql sql, string text, Action<DuckDBDataReader>? row = null)
    {
        try
        {
            using var command = sql.On(connection, text);
            using var reader = command.ExecuteReader();
            while (reader.Read())
                row?.Invoke(reader);
        }
        catch (DuckDBException e)
        {
            throw EngineFault.From(e, mapping.Files);
        }
    }

    /// <summary>The single row of an aggregation as whole numbers; NULL is 0.</summary>
    internal long[] Numbers(Sql sql, string text)
    {
        long[] numbers = [];
        Run(sql, text, row => numbers = [.. Enumerable.Range(0, row.FieldCount).Select(i => row.IsDBNull(i) ? 0 : Whole(row.GetValue(i)))]);
        return numbers;
    }

    internal static long Whole(object value) =>
        value is System.Numerics.BigInteger big ? (long)big : Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The environment that native code sees, which the runtime's own is a copy of.</summary>
    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetEnvironment(string name, string value, int overwrite);
}
