using System.Globalization;
using Consilience.Analyses.Schema;

namespace Consilience.Analyses.NetSurvival;

/// <summary>
/// Hazards of the population, per day: by the codes of a study's variables, by age in days and by calendar day. A cell holds from its age and day on to the next; the last ages and the last days hold for all that follow.
/// </summary>
public sealed class LifeTable
{
    /// <summary>Above the hazard of any population at any age: 99.7 in a hundred die within a year.</summary>
    private const double LargestHazard = 1.0 / 64;

    private const string From = "from", Age = "age_from_days", Hazard = "hazard_per_day";

    private readonly IReadOnlyList<CodeAxis> by;
    private readonly decimal[] ages;
    private readonly int[] days;
    private readonly double[] hazards;

    private LifeTable(IReadOnlyList<CodeAxis> by, decimal[] ages, int[] days, double[] hazards) => (this.by, this.ages, this.days, this.hazards) = (by, ages, days, hazards);

    internal double this[int part, int age, int day] => hazards[(((part * ages.Length) + age) * days.Length) + day];

    /// <summary>
    /// Reads a comma-separated file with the columns <c>from</c> (YYYY-MM-DD), <c>age_from_days</c>, <c>hazard_per_day</c> and one for each variable that the table is split by; others are passed over. There is a row for
    /// every combination of codes, ages and days.
    /// </summary>
    /// <exception cref="FormatException">The file is another; the message names its line.</exception>
    public static LifeTable Parse(string text, AgreedLifeTable agreed, StudySchema schema)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(agreed);
        ArgumentNullException.ThrowIfNull(schema);
        CodeAxis[] by = [.. agreed.By.Select(v => Grouping.Coded(schema.Find(v)!))];
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var header = lines.Length == 0 ? [] : lines[0].Split(',').ToList();
        var columns = by.Select(b => b.Variable).Concat([Age, From, Hazard]).Select(c => header.IndexOf(c) is >= 0 and var found ? found : throw new FormatException($"no column {c}")).ToArray();
        var rows = lines.Skip(1).Select((line, i) => Row(line.Split(','), columns, by) ?? throw new FormatException($"line {i + 2}: expected codes of the study, an age of 0 or more, a day, and a hazard from 0 to {LargestHazard}")).ToList();
        decimal[] ages = [.. rows.Select(r => r.Age).Distinct().Order()];
        int[] days = [.. rows.Select(r => r.Day).Distinct().Order()];
        var parts = by.Aggregate(1, (product, axis) => product * axis.Length);
        var hazards = new double[parts * ages.Length * days.Length];
        Array.Fill(hazards, double.NaN);
        foreach (var row in rows)
            hazards[(((row.Part * ages.Length) + Array.BinarySearch(ages, row.Age)) * days.Length) + Array.BinarySearch(days, row.Day)] = row.Hazard;
        return rows.Count == hazards.Length && rows.Count > 0 && !hazards.Any(double.IsNaN)
            ? new LifeTable(by, ages, days, hazards)
            : throw new FormatException($"{rows.Count} rows (expected one for each of {parts} combinations of codes, {ages.Length} ages and {days.Length} days)");
    }

    /// <summary>The place of codes, by their positions in the schema.</summary>
    internal int PartOf(ReadOnlySpan<double> codes)
    {
        var part = 0;
        for (var i = 0; i < by.Count; i++)
            part = (part * by[i].Length) + (int)codes[i];
        return part;
    }

    /// <summary>The hazards of one person, from the day of diagnosis on; null for somebody younger or earlier than the table.</summary>
    /// <param name="part">From <see cref="PartOf"/>.</param>
    /// <param name="age">At diagnosis, in days.</param>
    /// <param name="diagnosed">Days since 0001-01-01.</param>
    internal Hazards? Of(int part, double age, int diagnosed) => (decimal)age >= ages[0] && diagnosed >= days[0] ? new Hazards(this, part, (decimal)age, diagnosed) : null;

    private static (int Part, decimal Age, int Day, double Hazard)? Row(string[] cells, int[] columns, CodeAxis[] by)
    {
        if (cells.Length <= columns.Max())
            return null;
        var part = 0;
        for (var i = 0; i < by.Length; i++)
        {
            if (by[i].IndexOf(cells[columns[i]]) is not (>= 0 and var code))
                return null;
            part = (part * by[i].Length) + code;
        }

        return decimal.TryParse(cells[columns[^3]], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var age)
            && DateOnly.TryParseExact(cells[columns[^2]], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            && double.TryParse(cells[columns[^1]], NumberStyles.Float, CultureInfo.InvariantCulture, out var hazard) && hazard is >= 0 and <= LargestHazard
            ? (part, age, day.DayNumber, hazard)
            : null;
    }

    /// <summary>One person's way through the table, a day at a time.</summary>
    internal struct Hazards
    {
        private readonly LifeTable table;
        private readonly int part;
        private readonly decimal age;
        private readonly int diagnosed;
        private int row;
        private int column;

        internal Hazards(LifeTable table, int part, decimal age, int diagnosed)
        {
            (this.table, this.part, this.age, this.diagnosed) = (table, part, age, diagnosed);
            Seek(0);
        }

        /// <summary>The hazard of the cell that the person is in now.</summary>
        internal readonly double Hazard => table[part, row, column];

        /// <summary>The first day on which the hazard may be another one.</summary>
        internal int Until { get; private set; }

        /// <summary>Goes on to a day, counted from 0 at diagnosis.</summary>
        internal void Seek(int day)
        {
            while (row + 1 < table.ages.Length && table.ages[row + 1] <= age + day)
                row++;
            while (column + 1 < table.days.Length && table.days[column + 1] <= diagnosed + day)
                column++;
            var older = row + 1 < table.ages.Length ? (int)Math.Min(int.MaxValue, Math.Ceiling(table.ages[row + 1] - age)) : int.MaxValue;
            var later = column + 1 < table.days.Length ? table.days[column + 1] - diagnosed : int.MaxValue;
            Until = Math.Min(older, later);
        }
    }
}
