using System.Text.Json;
using Consilience.Analyses.Disclosure;
using Consilience.Analyses.Schema;
using Consilience.DifferentialPrivacy.Mechanisms;

namespace Consilience.Analyses;

/// <summary>
/// A method of analysis, written once: checked parameters, encoding at a site, and finishing at the recipient. Adding a method adds a folder and a line in
/// <see cref="MethodList"/>.
/// </summary>
public abstract class Method
{
    /// <summary>The name used in requests, for example <c>kaplan-meier</c>.</summary>
    public abstract string Name { get; }

    /// <summary>One sentence: the question it answers.</summary>
    public abstract string Summary { get; }

    /// <summary>
    /// Checks parameters as written against the schema. Adds every fault found to <paramref name="faults"/> and then returns null; data are never touched.
    /// </summary>
    public abstract MethodPlan? Plan(JsonElement parameters, StudySchema schema, ICollection<Fault> faults);
}

/// <summary>Checked, immutable parameters of one method: layout, sensitivity, encode and finish. Pure; the same object at site, key holder and recipient.</summary>
public abstract class MethodPlan
{
    /// <summary>Number of 64-bit counters in the vector, known before any data are read.</summary>
    public abstract int VectorLength { get; }

    /// <summary>What one record can change in the vector.</summary>
    public abstract ContributionBound Bound { get; }

    /// <summary>What <see cref="Finish"/> reads from the vector: cells as they are, unless a method says that it sums some up.</summary>
    public virtual Workload Workload => Workload.OfCells(VectorLength);

    /// <summary>The parameters in canonical JSON: equal questions have equal text.</summary>
    public abstract string Canonical { get; }

    /// <summary>Fills <paramref name="vector"/> (zeroed, <see cref="VectorLength"/> long) with this site's exact cells.</summary>
    public abstract void Encode(ITabulator rows, Span<long> vector);

    /// <summary>Turns the opened total into estimates.</summary>
    /// <param name="total">The counters as they were opened.</param>
    /// <param name="noise">What noise they carry.</param>
    /// <param name="rules">What of them may be shown.</param>
    public abstract MethodResult Finish(ReadOnlySpan<long> total, NoiseModel noise, DisclosureRules rules);
}
