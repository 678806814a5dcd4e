namespace Consilience.Processes.Benchmarks;

/// <summary>Fits, a mean and a table over three sites of 100,000 rows each.</summary>
internal static class Fits
{
    private const int Sites = 3, Rows = 100_000, Runs = 7;

    private static readonly (string Name, string Method, string Parameters, string Aim)[] Questions =
    [
        ("table", "count", """{"by": ["stage", "died"]}""", "0.2 s"),
        ("mean", "moments", """{"variable": "dose", "by": ["sex"]}""", "0.2 s"),
        ("logistic regression, 7 coefficients", "glm", """{"formula": "died ~ age + dose + sex + stage"}""", "2 s"),
        ("Cox regression by site, 6 coefficients", "cox", """{"formula": "Surv(days, died) ~ age + dose + sex + stage"}""", "3 s"),
    ];

    internal static async Task RunAsync(string root)
    {
        for (var site = 0; site < Sites; site++)
            Write(Path.Combine(ProcessNetwork.SiteFolder(root, site), "data.csv"), site);
        const string Schema = "{variables: {age: {type: integer, minimum: 0, maximum: 120}, dose: {type: real, minimum: 0, maximum: 60}, sex: {type: category, codes: {f: f, m: m}}, " +
            """stage: {type: category, codes: {"1": I, "2": II, "3": III, "4": IV}}, died: {type: boolean}, days: {type: integer, minimum: 0, maximum: 4000}}}""";
        const string Mapping = "files: [data.csv]\nformat: csv\nperson: id\nvariables: {age: {column: age}, dose: {column: dose}, sex: {column: sex}, stage: {column: stage}, died: {column: died}, days: {column: days}}\n";
        await using var network = await ProcessNetwork.StartAsync(root, new Subject(Schema, ["count", "moments", "glm", "cox"], [.. Enumerable.Repeat(Mapping, Sites)]));
        foreach (var (name, method, parameters, aim) in Questions)
        {
            var times = new List<double>();
            var (answer, _) = await network.AskAsync(method, parameters);
            if (answer.Result.Tables.FirstOrDefault(t => t.Name == "fit") is { } fit && fit.Rows[0].Cells[^1].Text != "yes")
                throw new InvalidOperationException($"{name}: {fit.Rows[0].Cells[^1].Text}");
            var before = network.ProcessorTime;
            for (var run = 0; run < Runs; run++)
                times.Add((await network.AskAsync(method, parameters)).Elapsed.TotalSeconds);
            times.Sort();
            Console.WriteLine($"{name}: minimum {times[0]:0.000} s, median {times[Runs / 2]:0.000} s of {Runs} (aim {aim}); {(network.ProcessorTime - before).TotalSeconds / Runs:0.00} s of processor time, all parties together");
        }
    }

    private static void Write(string file, int site)
    {
        using var writer = new StreamWriter(file);
        writer.WriteLine("id,age,dose,sex,stage,died,days");
        var draw = new Draw(site);
        for (var i = 0; i < Rows; i++)
        {
            var (age, dose, isMale, stage) = (draw.Below(101), draw.Below(6001) / 100m, draw.Below(2) == 0, 1 + draw.Below(4));
            var risk = 1 / (1 + Math.Exp(2 - (0.02 * (age - 50)) - (0.3 * (stage - 1)) + (0.01 * (double)dose)));
            writer.WriteLine($"{(site * Rows) + i},{age},{dose},{(isMale ? "m" : "f")},{stage},{(draw.Below(1_000_000) < 1_000_000 * risk ? 1 : 0)},{1 + draw.Below(3999)}");
        }
    }
}
