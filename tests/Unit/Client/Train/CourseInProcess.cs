using Consilience.Analyses;
using Consilience.Client.Train;
using AgreedStudy = Consilience.Protocol.Agreements.Study;

namespace Consilience.Client.Tests.Train;

/// <summary>A course's steps over sites in this process: each encodes, the sums are added as they are opened.</summary>
internal static class CourseInProcess
{
    /// <param name="plan">As written.</param>
    /// <param name="study">That it fits.</param>
    /// <param name="sites">What each reads for a run.</param>
    /// <param name="alter">What becomes of a state before it is gone on from.</param>
    internal static (TrainingCourse Course, TrainingState State) Train(string plan, AgreedStudy study, Func<TrainingStep, IReadOnlyList<IRows>> sites, Func<TrainingState, TrainingState>? alter = null)
    {
        var course = TrainingCourse.Of(TrainingPlanReader.Read(plan), study);
        var state = course.Start();
        while (course.Next(state) is { } step)
        {
            (state, _) = course.Take(state, Sum(course.PlanOf(course.Ask(state)), sites(step)));
            state = alter?.Invoke(state) ?? state;
        }

        return (course, state);
    }

    internal static long[] Sum(MethodPlan plan, IEnumerable<IRows> sites)
    {
        var total = new long[plan.Sums.VectorLength];
        foreach (var site in sites)
        {
            var vector = new long[total.Length];
            plan.Sums.Encode(site, vector);
            for (var i = 0; i < total.Length; i++)
                total[i] += vector[i];
        }

        return total;
    }
}
