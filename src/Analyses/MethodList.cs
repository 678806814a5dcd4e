namespace Consilience.Analyses;

/// <summary>Every method the product knows. Adding one is a line here.</summary>
public static class MethodList
{
    public static IReadOnlyList<Method> All { get; } = [];

    public static Method? Find(string name) => All.FirstOrDefault(m => m.Name == name);
}
