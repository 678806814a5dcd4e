using Microsoft.Data.Sqlite;

namespace Consilience.KeyHolder.Storage;

/// <summary>Statements within one transaction of a <see cref="PartyDatabase"/>. Not to be kept beyond it. Parameters are written <c>@p0</c>, <c>@p1</c>, … in order.</summary>
public sealed class PartyTransaction
{
    private readonly SqliteConnection connection;
    private readonly SqliteTransaction transaction;

    internal PartyTransaction(SqliteConnection connection, SqliteTransaction transaction)
    {
        this.connection = connection;
        this.transaction = transaction;
    }

    /// <summary>Number of rows changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object?> parameters)
    {
        using var command = Prepare(sql, parameters);
        return command.ExecuteNonQuery();
    }

    /// <summary>The rows of a query, read whole.</summary>
    public IReadOnlyList<T> Query<T>(string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<object?> parameters)
    {
        ArgumentNullException.ThrowIfNull(row);
        using var command = Prepare(sql, parameters);
        using var reader = command.ExecuteReader();
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

    private SqliteCommand Prepare(string sql, ReadOnlySpan<object?> parameters)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // Every caller passes a constant; values travel as parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < parameters.Length; i++)
            command.Parameters.AddWithValue($"@p{i}", parameters[i] ?? DBNull.Value);
        return command;
    }
}
