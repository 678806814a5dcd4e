using Consilience.Analyses.Count;
using Consilience.Analyses.KaplanMeier;

namespace Consilience.Analyses;

/// <summary>Every method the product knows. Adding one is a line here.</summary>
public static class MethodList
{
    public static IReadOnlyList<Method> All { get; } = [new CountMethod(), new KaplanMeierMethod()];

    public static Method? Find(string name) => All.FirstOrDefault(m => m.Name == name);
}
