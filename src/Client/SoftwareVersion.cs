using System.Reflection;

namespace Consilience.Client;

/// <summary>Name and version of this program, as they go into receipts.</summary>
public static class SoftwareVersion
{
    public static string Text { get; } =
        $"consilience {typeof(SoftwareVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0"}";
}
