using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Parameters;
using Consilience.Analyses.Schema;
using Consilience.Analyses.Sums;

namespace Consilience.Analyses;

/// <summary>
/// A method of analysis, written once: checked parameters, the sums a site encodes, and finishing at the recipient. Adding a method adds a folder and a line in
/// <see cref="MethodList"/>.
/// </summary>
public abstract class Method
{
    /// <summary>The name used in requests, for example <c>kaplan-meier</c>.</summary>
    public abstract string Name { get; }

    /// <summary>One sentence: the question it answers.</summary>
    public abstract string Summary { get; }

    /// <summary>Parameters that work, in YAML, for the study of <see cref="Sample"/>.</summary>
    public abstract string Example { get; }

    /// <summary>The folder of <c>samples</c> whose study the example is for.</summary>
    public virtual string Sample => "wilms";

    /// <summary>Every parameter it reads, stated once: schema, shorthand and help come from here.</summary>
    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>The fit that is asked first, and whose coefficients become the parameter <c>at</c> of this method; null where there is none, or <c>at</c> is given.</summary>
    public virtual (string Method, JsonElement Parameters)? NullModel(JsonElement parameters) => null;

    /// <summary>
    /// Checks parameters as written against the schema. Adds every fault found to <paramref name="faults"/> and then returns null; data are never touched.
    /// </summary>
    public MethodPlan? Plan(JsonElement parameters, StudySchema schema, ICollection<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(faults);
        var before = faults.Count;
        var reader = new ParameterReader(parameters, schema, faults, Name, Parameters);
        var plan = PlanWithin(reader);
        return faults.Count == before ? plan : null;
    }

    /// <summary>The plan of parameters that stand within those of another method.</summary>
    internal MethodPlan? PlanWithin(ParameterReader reader)
    {
        var plan = Read(reader);
        reader.Finish();
        return plan;
    }

    /// <summary>Reads every parameter, adding what is wrong with them; null where too much is to make a plan, which then is not used anyway.</summary>
    private protected abstract MethodPlan? Read(ParameterReader reader);
}

/// <summary>Checked, immutable parameters of one method: what leaves a site, and how the recipient finishes. Pure; the same object at site, key holder and recipient.</summary>
public abstract class MethodPlan(SiteSums sums)
{
    /// <summary>What leaves a site. Plans with equal sums ask sites the same, whatever they make of it.</summary>
    public SiteSums Sums => sums;

    /// <summary>Why the method is not honest on noised sums, and which method is; null where it may be asked at noised precision.</summary>
    public virtual string? ObjectionToNoise => null;

    /// <summary>Turns the opened total into estimates.</summary>
    /// <param name="total">The counters as they were opened.</param>
    /// <param name="noise">What noise they carry.</param>
    /// <param name="rules">What of them may be shown.</param>
    public abstract MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules);
}
