using System.Globalization;
using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;

namespace Consilience.Connectors.Rows;

/// <summary>How a variable's cells lie in the table that questions are put to.</summary>
internal enum Storage
{
    Unspecified = 0,

    /// <summary>Already mapped to the variable's values: a CSV file after loading.</summary>
    Mapped,

    /// <summary>Text in a Parquet file.</summary>
    Text,

    /// <summary>Whole numbers of at most 64 bits in a Parquet file.</summary>
    WholeNumber,

    /// <summary>Anything else in a Parquet file; compared by its text.</summary>
    Other,
}

/// <summary>
/// One variable's column as questions use it. Grouping and comparing happens on the cells as they are stored wherever that means the same, since mapping ten million
/// cells costs more than counting them.
/// </summary>
internal sealed class StoredColumn(ColumnMapping column, int index, Storage storage, IReadOnlyList<string> missingTokens)
{
    /// <summary>A range of whole numbers that is grouped value by value.</summary>
    private const decimal FewValues = 1 << 16;

    private static readonly Dictionary<string, Storage> Types = new(StringComparer.Ordinal)
    {
        ["VARCHAR"] = Storage.Text,
        ["TINYINT"] = Storage.WholeNumber, ["SMALLINT"] = Storage.WholeNumber, ["INTEGER"] = Storage.WholeNumber, ["BIGINT"] = Storage.WholeNumber,
        ["UTINYINT"] = Storage.WholeNumber, ["USMALLINT"] = Storage.WholeNumber, ["UINTEGER"] = Storage.WholeNumber,
    };

    private readonly VariableSql mapped = new(column, missingTokens);

    internal Variable Variable => column.Variable;

    /// <summary>The column of the table.</summary>
    internal string Cell => storage == Storage.Mapped ? MappedRows.Value(index) : Sql.Name(column.Column);

    /// <summary>Whether the cells hold few different values, whatever the number of rows. Relies on cells that fit, as every question does.</summary>
    internal bool HasFewValues =>
        IsCoded || (IsWhole && column.Variable is { Minimum: { } least, Maximum: { } most } && most - least < FewValues);

    private bool IsCoded => column.Variable.Type is VariableType.Category or VariableType.Boolean;

    /// <summary>Whether a cell as stored is the variable's value.</summary>
    private bool IsValue => storage == Storage.Mapped || IsWhole;

    private bool IsWhole =>
        column.Variable.Type == VariableType.Integer
        && (storage == Storage.Mapped || (storage == Storage.WholeNumber && column.Factor == 1 && !mapped.Missing.Any(m => WholeNumber(m) is not null)));

    internal static Storage StorageOf(string type) => Types.GetValueOrDefault(type, Storage.Other);

    /// <summary>The value of a cell, or of a group of equal cells.</summary>
    internal string Value(string cell, Sql sql) => IsValue ? cell : mapped.Value(cell, sql);

    internal string Constant(decimal constant, Sql sql) => mapped.Constant(constant, sql);

    /// <summary>
    /// True where the code is one of <paramref name="codes"/>. For a missing value it may be false where it should be unknown: a normal form has no negation above its leaves,
    /// so both leave the person out.
    /// </summary>
    internal string IsIn(IReadOnlyCollection<string> codes, Sql sql)
    {
        var positions = VariableSql.CodesOf(column.Variable).Select((code, i) => (code, i)).Where(c => codes.Contains(c.code)).Select(c => c.i).ToHashSet();
        if (storage is Storage.Mapped or Storage.Other || mapped.Missing.Any(m => mapped.Codes.Any(c => string.Equals(c.Local, m, StringComparison.OrdinalIgnoreCase))))
            return Listed(Value(Cell, sql), positions.Select(p => (object)(long)p), sql);
        var locals = mapped.Codes.Where(c => positions.Contains(c.Position) && c.Local.Length > 0).Select(c => c.Local);
        if (storage == Storage.WholeNumber)
            return Listed(Cell, locals.Select(WholeNumber).OfType<long>().Select(n => (object)n), sql);
        return column.Variable.Type == VariableType.Boolean
            ? Listed($"lower(trim({Cell}))", locals.Select(l => l.ToLowerInvariant()), sql)
            : Listed($"trim({Cell})", locals, sql);
    }

    private static string Listed(string cell, IEnumerable<object> values, Sql sql)
    {
        var list = values.Select(sql.Parameter).ToList();
        return list.Count == 0 ? "FALSE" : $"{cell} IN ({string.Join(", ", list)})";
    }

    /// <summary>The number whose text this is, if there is one: "01" and "1.0" are the texts of none.</summary>
    private static long? WholeNumber(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number.ToString(CultureInfo.InvariantCulture) == text ? number : null;
}
