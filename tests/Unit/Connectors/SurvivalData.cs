using Consilience.Analyses.Schema;

namespace Consilience.Connectors.Tests;

/// <summary>Data sets with R's figures for the survival family: where they lie, their schemas, and what time and event are called in them.</summary>
internal sealed record SurvivalData(string File, StudySchema Schema, string Time, string Event, double[] Days, int Last)
{
    private static readonly SurvivalData Veteran = new(Vector("survival", "veteran"), new(
    [
        Wilms.Category("trt", "1", "2"), Wilms.Category("celltype", "squamous", "adeno", "large", "smallcell"), Number("time", 2000), Flag("status"), Number("karno", 100), Number("age", 100),
        Number("diagtime", 100), Number("prior", 10),
    ]), "time", "status", [30, 90, 180, 365, 600], 1000);

    private static readonly SurvivalData Lung = new(Vector("survival", "lung"), new(
        [Number("time", 2000), Flag("dead"), Number("age", 100), Wilms.Category("sex", "1", "2"), Number("ecog", 5)]), "time", "dead", [90, 180, 365, 545, 730, 1000], 1100);

    private static readonly SurvivalData Colrec = new(Vector("net-survival", "colrec"), new(
    [
        Number("time", 10_000), Flag("stat"), Number("age_days", 40_000), Wilms.Category("sex", "1", "2"), Wilms.Category("stage", "1", "2", "3", "99"), Wilms.Category("site", "colon", "rectum"),
    ]), "time", "stat", [365, 1095, 1825, 3650], 8500);

    private static readonly SurvivalData Tumours = new(Wilms.File, Wilms.Schema, "edrel", "rel", [180, 365, 730, 1095, 1825, 3650], 6300);

    /// <summary>Time, event and a grid of days, as parameters.</summary>
    internal string Daily => $$""" "time": "{{Time}}", "event": "{{Event}}", "grid": {"from": 1, "to": {{Last}}, "step": 1} """;

    internal static SurvivalData Of(string name) => name switch
    {
        "veteran" => Veteran,
        "lung" => Lung,
        "colrec" => Colrec,
        _ => Tumours,
    };

    /// <summary>Over five sites without any order, and one without rows.</summary>
    internal SplitSites Scattered(TemporaryFolder folder) => new(folder, File, Schema, row => row * 7919 % 1013 % 5, 6);

    /// <summary>Over sites in turn, and one without rows.</summary>
    internal SplitSites InTurn(TemporaryFolder folder, int sites) => new(folder, File, Schema, row => row % sites, sites + 1);

    private static string Vector(string topic, string name) => Path.Combine(AppContext.BaseDirectory, "vectors", topic, $"{name}.csv");

    private static Variable Number(string name, int most) => new(name, VariableType.Integer, name, null, [], 0, most);

    private static Variable Flag(string name) => new(name, VariableType.Boolean, name, null, [], null, null);
}
