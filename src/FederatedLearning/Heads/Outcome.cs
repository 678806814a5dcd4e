using System.Runtime.InteropServices;
using Consilience.Analyses.Schema;

namespace Consilience.FederatedLearning.Heads;

/// <summary>What is known of one person's outcome.</summary>
/// <param name="Value">The scaled number; 1 for an event and 0 for none; or the position of the class.</param>
/// <param name="Time">Until the event or the end of follow-up; 0 where there is no time.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Target(float Value, double Time);

/// <summary>Where the outcome of a model is read, and what its values mean.</summary>
/// <param name="Kind">Of the model's head.</param>
/// <param name="Variable">Holds number, event or class.</param>
/// <param name="Events">Codes that count as the event; of a Boolean the position of true.</param>
/// <param name="Time">Holds the time; null where there is none.</param>
/// <param name="Edges">Ends of the intervals of a discrete-time model, increasing; empty for other heads.</param>
internal sealed record Outcome(HeadKind Kind, Variable Variable, IReadOnlyList<int> Events, Variable? Time, IReadOnlyList<double> Edges)
{
    internal IReadOnlyList<string> Variables => Time is null ? [Variable.Name] : [Variable.Name, Time.Name];

    /// <summary>Of a number: what scaled 0 stands for.</summary>
    internal double Centre => ((double)Variable.Minimum! + (double)Variable.Maximum!) / 2;

    /// <summary>Of a number: what scaled 1 is away from that.</summary>
    internal double Half => ((double)Variable.Maximum! - (double)Variable.Minimum!) / 2;

    /// <summary>Outputs that a model needs.</summary>
    internal int Outputs => Kind switch { HeadKind.Softmax => Variable.Codes.Count, HeadKind.DiscreteSurvival => Edges.Count, _ => 1 };

    /// <summary>Reads the values of <see cref="Variables"/>; null where they are not what the schema says.</summary>
    internal Target? Read(ReadOnlySpan<double> values)
    {
        var value = values[0];
        var time = Time is null ? 0 : values[1];
        if (!double.IsFinite(value) || !double.IsFinite(time) || time < 0)
            return null;
        if (Kind == HeadKind.Linear)
            return value >= (double)Variable.Minimum! && value <= (double)Variable.Maximum! ? new((float)((value - Centre) / Half), 0) : null;
        var codes = Variable.Type == VariableType.Boolean ? 2 : Variable.Codes.Count;
        if (value != Math.Floor(value) || value < 0 || value >= codes)
            return null;
        return Kind == HeadKind.Softmax ? new((float)value, 0) : new(Events.Contains((int)value) ? 1 : 0, time);
    }
}
