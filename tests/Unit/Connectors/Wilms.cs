using Consilience.Analyses.Schema;
using Consilience.Connectors.Mapping;
using Consilience.Connectors.Rows;

namespace Consilience.Connectors.Tests;

/// <summary>The National Wilms Tumor Study file under a study's schema.</summary>
internal static class Wilms
{
    internal static StudySchema Schema { get; } = new(
    [
        Category("histol", "1", "2"),
        Category("stage", "1", "2", "3", "4"),
        new Variable("rel", VariableType.Boolean, "relapse", null, [], null, null),
        new Variable("edrel", VariableType.Integer, "days", "days", [], 0, 10_000),
        new Variable("age", VariableType.Integer, "age", "months", [], 0, 300),
    ]);

    internal static string File { get; } = Path.Combine(AppContext.BaseDirectory, "nwtco.csv");

    internal static SiteData Open() => SiteData.Open(DataMapping.Direct(File, Schema), Schema);

    internal static Variable Category(string name, params string[] codes) =>
        new(name, VariableType.Category, name, null, [.. codes.Select(c => new CategoryCode(c, c))], null, null);
}
