using System.Globalization;
using System.Text.Json;
using Consilience.Analyses.Schema;
using Consilience.Client.Train.Trees;
using Consilience.DifferentialPrivacy.Accounting;
using Consilience.Protocol.Analyse;
using Consilience.Protocol.Yaml;

namespace Consilience.Client.Train;

/// <summary>Reads a training plan, finding every fault of its form in one pass. The published form is <c>docs/schemas/training.schema.json</c>.</summary>
public static class TrainingPlanReader
{
    /// <summary>Keeps the seeds of different trainings' rounds apart.</summary>
    internal const int MostRounds = 10_000;

    private const int LargestSeed = 200_000;
    private const int MostMinutes = 7 * 24 * 60;
    private static readonly string[] Strategies = ["fedavg", "fedprox", Averaging.Corrected, "fedadagrad", "fedadam", "fedyogi"];

    /// <exception cref="FaultyInputException">The document has faults; all are listed.</exception>
    public static TrainingPlan Read(string text, string? file = null)
    {
        var document = YamlDocument.Parse(text, file);
        var plan = document.Faults.Count == 0 ? Read(document.Root, text) : null;
        return document.Faults.Count == 0 ? plan! : throw new FaultyInputException("training", [.. document.Faults]);
    }

    private static TrainingPlan Read(YamlObject root, string text)
    {
        var precision = root.Value("precision", "noised or exact", s => s is "noised" or "exact" ? s : null, required: false) ?? "noised";
        var isExact = precision == "exact";
        var plan = new TrainingPlan
        {
            Name = root.Text("training", "a name for the training", 80) ?? "",
            Study = root.Text("study", "a study's short name", 80) ?? "",
            Cohort = root.OptionalText("cohort", "a cohort expression") ?? "",
            Precision = isExact ? Precision.Exact : Precision.Noised,
            Price = ReadPrice(root, isExact),
            MinimumSites = root.Number("minimumSites", 1, 1000, required: false),
            Participation = ReadParticipation(root),
            Patience = TimeSpan.FromMinutes(root.Number("patience", 1, MostMinutes, required: false) ?? 60),
            Evaluation = ReadEvaluation(root, isExact),
            LeaveOut = ReadLeaveOut(root, isExact),
            Seed = root.Number("seed", 0, LargestSeed, required: false) ?? 0,
            IntendedUse = root.OptionalText("intendedUse", "what the model is for, and what not") ?? "",
            Text = text,
        };
        plan = root.Has("trees") && TreePlanReader.Read(root, isExact) is { } trees
            ? plan with { Model = trees.Model, Rounds = trees.Rounds, Stop = trees.Stop, Trees = trees }
            : WithLayers(plan, root, isExact);
        root.Finish();
        return plan;
    }

    /// <summary>What only plans of a model with layers have.</summary>
    private static TrainingPlan WithLayers(TrainingPlan plan, YamlObject root, bool isExact)
    {
        var (clip, adaptive) = ReadClip(root);
        plan = plan with
        {
            Model = Mapping(root, "model", required: true) ?? default,
            Strategy = ReadStrategy(root),
            Rounds = root.Number("rounds", 1, MostRounds) ?? 1,
            Local = Mapping(root, "local", required: false),
            Personal = Mapping(root, "personal", required: false),
            Schedule = ReadSchedule(root),
            Clip = clip,
            Adaptive = adaptive,
            Sums = Rest(root, "bits", "weighting", "patients"),
            Stop = ReadStop(root),
            Validation = ReadValidation(root, isExact),
        };
        if (adaptive is not null && plan.Local is not null && !plan.IsByPerson)
            root.Add("local", "gradients or updates of single persons, of which it is told how many are clipped", "updates of sites", "add 'unit: person', remove it, or write a number for 'clip'");
        return plan;
    }

    private static JsonElement? Mapping(YamlObject root, string key, bool required)
    {
        const string Expected = "a mapping of names to values";
        if (root.Json(key, Expected, required) is not { } value)
            return null;
        if (value.ValueKind == JsonValueKind.Object)
            return value;
        root.Add(key, Expected, "something else", "write 'name: value' lines, indented below it");
        return null;
    }

    private static Dictionary<string, JsonElement> Rest(YamlObject root, params string[] keys) =>
        keys.Where(root.Has).ToDictionary(k => k, k => root.Json(k, "a value", required: false)!.Value, StringComparer.Ordinal);

    /// <summary>A number, or how it begins and moves.</summary>
    private static (decimal Clip, AdaptiveClip? Adaptive) ReadClip(YamlObject root)
    {
        if (root.Json("clip", "a number, or {adaptive: {start, quantile, rate}}", required: true) is not { ValueKind: JsonValueKind.Object })
            return (root.Has("clip") ? Number(root, "clip", 0, AdaptiveClip.Most, required: true) ?? 1 : 1, null);
        var entry = root.Object("clip", "")!;
        var moves = entry.Object("adaptive", "start, quantile and rate");
        entry.Finish();
        if (moves is null)
            return (1, null);
        var start = Number(moves, "start", AdaptiveClip.Least, AdaptiveClip.Most, required: true) ?? 1;
        var adaptive = new AdaptiveClip(Share(moves, "quantile") ?? 0.5m, Number(moves, "rate", 0, 1, required: false) ?? 0.2m);
        moves.Finish();
        if (root.Has("bits"))
            root.Add("bits", "units that follow the clip", "it", "remove it, or write a number for 'clip'");
        return (start, adaptive);
    }

    private static Strategy ReadStrategy(YamlObject root)
    {
        var none = new Averaging("fedavg", 1, 0);
        if (root.Object("strategy", "a name, and its settings") is not { } entry)
            return none;
        var name = entry.Text("name", $"one of {string.Join(", ", Strategies)}");
        if (name is not null && !Strategies.Contains(name))
            entry.Add("name", $"one of {string.Join(", ", Strategies)}", $"'{name}'", Suggestion.For(name, Strategies));
        var isAdaptive = name is "fedadagrad" or "fedadam" or "fedyogi";
        var rate = (double)(Number(entry, "rate", 0, 1000, required: isAdaptive) ?? 1);
        Strategy strategy = none;
        if (isAdaptive)
        {
            var kind = name switch { "fedadagrad" => Adaptation.Adagrad, "fedadam" => Adaptation.Adam, _ => Adaptation.Yogi };
            var beta1 = Share(entry, "beta1") ?? 0.9m;
            var beta2 = kind == Adaptation.Adagrad ? 0 : Share(entry, "beta2") ?? 0.99m;
            strategy = new Adaptive(name!, rate, kind, (double)beta1, (double)beta2, (double)(Number(entry, "tau", 0, 1000, required: false) ?? 0.001m));
        }
        else if (name is "fedavg" or "fedprox" or Averaging.Corrected)
        {
            strategy = new Averaging(name, rate, name == "fedprox" ? Number(entry, "mu", 0, 1000, required: true) ?? 0 : 0);
        }

        if (name is not null && Strategies.Contains(name))
            entry.Finish();
        return strategy;
    }

    private static Schedule ReadSchedule(YamlObject root)
    {
        if (root.Object("schedule", "how the learning rate changes", required: false) is not { } entry)
            return Schedule.Constant;
        var kind = entry.Value("kind", "constant, step, exponential or cosine", s => s is "constant" or "step" or "exponential" or "cosine" ? s : null);
        var schedule = kind switch
        {
            "step" => new Schedule(ScheduleKind.Step, Number(entry, "factor", 0, 1, required: true) ?? 1, entry.Number("every", 1, MostRounds) ?? 1),
            "exponential" => new Schedule(ScheduleKind.Exponential, Number(entry, "factor", 0, 1, required: true) ?? 1),
            "cosine" => new Schedule(ScheduleKind.Cosine, Share(entry, "least") ?? 0),
            _ => Schedule.Constant,
        };
        if (kind is not null)
            entry.Finish();
        return schedule;
    }

    private static Participation? ReadParticipation(YamlObject root)
    {
        if (root.Object("participation", "how many sites a round asks", required: false) is not { } entry)
            return null;
        var participation = new Participation(entry.Number("sites", 1, 1000, required: !entry.Has("fraction")), Decimal(entry, "fraction", "a number above 0 and at most 0.5", v => v is > 0 and <= 0.5m, required: false), entry.Number("seed", 0, LargestSeed, required: false));
        if (entry.Has("sites") && entry.Has("fraction"))
            entry.Add("fraction", "either sites or fraction", "both", "remove one of them");
        entry.Finish();
        return participation;
    }

    private static StopRule? ReadStop(YamlObject root)
    {
        if (root.Object("stop", "when to stop early", required: false) is not { } entry)
            return null;
        var rule = new StopRule(entry.Number("rounds", 1, MostRounds) ?? 1, Decimal(entry, "gain", "a number from 0", v => v is >= 0 and <= 1000, required: false) ?? 0);
        entry.Finish();
        return rule;
    }

    private static Validation? ReadValidation(YamlObject root, bool isExact)
    {
        if (root.Object("validation", "whom to validate on, and how often", required: false) is not { } entry)
            return null;
        var measures = Enum.GetValues<ValidationMeasure>().Where(m => m != ValidationMeasure.Unspecified).ToDictionary(Validation.NameOf, m => m);
        var measure = entry.Value("measure", $"one of {string.Join(", ", measures.Keys)}", s => measures.ContainsKey(s) ? s : null) ?? "auc";
        var validation = new Validation(entry.Text("cohort", "a cohort expression") ?? "", entry.Number("every", 1, MostRounds, required: false) ?? 1, measures[measure], entry.Number("patience", 1, MostRounds, required: false),
            Decimal(entry, "gain", "a number from 0", v => v is >= 0 and <= 1000, required: false) ?? 0, Rest(entry, "bins", "edges"), ReadRho(entry, isExact));
        entry.Finish();
        return validation;
    }

    private static TrainingEvaluation? ReadEvaluation(YamlObject root, bool isExact)
    {
        if (root.Object("evaluation", "whom to test the model on", required: false) is not { } entry)
            return null;
        var evaluation = new TrainingEvaluation(entry.Text("heldOut", "a cohort expression") ?? "", entry.Texts("by", "a list of variables", required: false), Rest(entry, "bins", "edges"), Share(entry, "mostAdvantage"), ReadRho(entry, isExact))
        {
            FineTune = Mapping(entry, "fineTune", required: false),
        };
        entry.Finish();
        return evaluation;
    }

    private static LeaveOut? ReadLeaveOut(YamlObject root, bool isExact)
    {
        if (root.Object("leaveOut", "by which groups to check", required: false) is not { } entry)
            return null;
        var leaveOut = new LeaveOut(entry.Text("by", "a variable with codes") ?? "", entry.Number("smallest", 1, 1_000_000) ?? 1, ReadRho(entry, isExact));
        entry.Finish();
        return leaveOut;
    }

    /// <summary>What one question beside the rounds costs.</summary>
    private static NanoRho? ReadRho(YamlObject entry, bool isExact)
    {
        if (isExact && entry.Has("rho"))
            entry.Add("rho", "no price at exact precision", "one", "remove it");
        return entry.Value("rho", "a number above 0, such as 0.1", s => NanoRho.TryParseRho(s, out var r) && r.Amount > 0 ? r : null, required: !isExact);
    }

    /// <summary>Either ρ, or ε with δ; a fault where neither, both, or any at exact precision.</summary>
    private static TrainingPrice? ReadPrice(YamlObject root, bool isExact)
    {
        var rho = root.Value("rho", "a number above 0, such as 0.5", s => NanoRho.TryParseRho(s, out var r) && r.Amount > 0 ? r : null, required: false);
        var epsilon = Decimal(root, "epsilon", "a number above 0 and at most 100", v => v is > 0 and <= 100, required: false);
        var delta = Decimal(root, "delta", "a number above 0 and at most 0.01, such as 0.00001", v => v is > 0 and <= 0.01m, required: root.Has("epsilon"));
        var given = new[] { "rho", "epsilon", "delta" }.Where(root.Has).ToList();
        if (isExact && given.Count > 0)
            root.Add(given[0], "no price at exact precision", "one", "remove it, or train at noised precision");
        else if (root.Has("rho") && given.Count > 1)
            root.Add("rho", "either rho, or epsilon and delta", "both", "remove one of them");
        else if (!isExact && (given.Count == 0 || given is ["delta"]))
            root.Add("rho", "a price for all rounds", "none", "add 'rho: 0.5', or 'epsilon: 3' with 'delta: 0.00001', or train at 'precision: exact'");
        else if (rho is not null)
            return new(rho, null, TrainingPrice.UsualDelta);
        else if (epsilon is not null && delta is not null && TrainingPrice.Of(epsilon.Value, delta.Value) is { Rho.Amount: > 0 } price)
            return price;
        else if (epsilon is not null && delta is not null)
            root.Add("epsilon", "enough for a billionth of ρ", "less", "offer more");
        return null;
    }

    /// <summary>Above <paramref name="above"/>, and at most <paramref name="most"/>.</summary>
    internal static decimal? Number(YamlObject entry, string key, decimal above, decimal most, bool required) =>
        Decimal(entry, key, $"a number above {above} and at most {most}", v => v > above && v <= most, required);

    private static decimal? Share(YamlObject entry, string key) => Decimal(entry, key, "a number from 0 to below 1", v => v is >= 0 and < 1, required: false);

    internal static decimal? Decimal(YamlObject entry, string key, string expected, Func<decimal, bool> isFit, bool required)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        var text = entry.Value(key, expected, s => decimal.TryParse(s, Style, CultureInfo.InvariantCulture, out var v) && isFit(v) ? s : null, required);
        return text is null ? null : decimal.Parse(text, Style, CultureInfo.InvariantCulture);
    }
}
