using Microsoft.Data.Sqlite;

namespace Consilience.KeyHolder.Storage;

/// <summary>
/// Statements within one transaction of a <see cref="PartyDatabase"/>; each text is compiled once in the database's life. Not to be kept beyond the transaction. Parameters are
/// written <c>@p0</c>, <c>@p1</c>, … in order.
/// </summary>
public sealed class PartyTransaction
{
    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteCommand> compiled = new(StringComparer.Ordinal);

    internal PartyTransaction(SqliteConnection connection) => this.connection = connection;

    /// <summary>Number of rows changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object?> parameters) => Prepare(sql, parameters).ExecuteNonQuery();

    /// <summary>The rows of a query, read whole.</summary>
    public IReadOnlyList<T> Query<T>(string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<object?> parameters)
    {
        ArgumentNullException.ThrowIfNull(row);
        using var reader = Prepare(sql, parameters).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
            rows.Add(row(reader));
        return rows;
    }

    /// <summary>The first row of a query, or null.</summary>
    public T? First<T>(string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<object?> parameters)
        where T : class
    {
        var rows = Query(sql, row, parameters);
        return rows.Count == 0 ? null : rows[0];
    }

    internal void Dispose()
    {
        foreach (var command in compiled.Values)
            command.Dispose();
    }

    private SqliteCommand Prepare(string sql, ReadOnlySpan<object?> parameters)
    {
        if (!compiled.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // Every caller passes a constant; values travel as parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
            compiled.Add(sql, command);
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            if (command.Parameters.Count == i)
                command.Parameters.Add(new SqliteParameter { ParameterName = $"@p{i}" });
            command.Parameters[i].Value = parameters[i] ?? DBNull.Value;
        }

        return command;
    }
}
