using Consilience.Analyses;
using Consilience.FederatedLearning.Evaluation;
using Consilience.FederatedLearning.Rounds;
using Consilience.FederatedLearning.Trees;

namespace Consilience.FederatedLearning;

/// <summary>Every method a request may name: those of analysis, and those that training is made of.</summary>
public static class KnownMethods
{
    public static IReadOnlyList<Method> All { get; } = [.. MethodList.All, new TrainingRoundMethod(), new EvaluationMethod(), new TreeHistogramsMethod()];

    public static Method? Find(string name) => All.FirstOrDefault(m => m.Name == name);
}
