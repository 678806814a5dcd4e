using System.Reflection;
using System.Reflection.Metadata;
using System.Text.RegularExpressions;

namespace Consilience.Architecture.Tests;

/// <summary>Sizes, names and places: what keeps a room small enough to see across.</summary>
public sealed partial class Shape
{
    private const int LongestFile = 400;
    private const int LongestFunction = 60;

    [GeneratedRegex(@"^namespace\s+([\w.]+)\s*;", RegexOptions.Multiline)]
    private static partial Regex FileScopedNamespace();

    [Fact]
    public void A_namespace_is_its_folder()
    {
        var wrong =
            from file in Repository.Files("src", "*.cs")
            let relative = Repository.Relative(file)
            let declared = FileScopedNamespace().Match(File.ReadAllText(file))
            where declared.Success
            let expected = "Consilience." + string.Join('.', relative.Split('/')[1..^1])
            where declared.Groups[1].Value != expected
            select $"{relative}: {declared.Groups[1].Value}, expected {expected}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_source_file_is_too_long_to_see_across()
    {
        var tooLong = Repository.Files("src", "*.cs").Concat(Repository.Files("tests", "*.cs"))
            .Select(f => (File: Repository.Relative(f), Lines: File.ReadLines(f).Count()))
            .Where(f => f.Lines > LongestFile);
        Assert.Empty(tooLong);
    }

    [Fact]
    public void No_function_is_too_long_to_see_across()
    {
        var tooLong = Repository.Projects.SelectMany(project =>
        {
            using var assembly = Assembly.Load(project);
            return assembly.MethodLengths()
                .Where(m => m.Lines > LongestFunction && !m.Name.Contains(".cctor", StringComparison.Ordinal) && !m.File.Contains("/obj/", StringComparison.Ordinal))
                .ToList();
        });
        Assert.Empty(tooLong);
    }

    [Fact]
    public void No_name_says_nothing()
    {
        string[] empty = ["Utils", "Util", "Helper", "Helpers", "Manager", "Common", "Misc"];
        var named = Repository.Files("src", "*.cs").Concat(Repository.Files("tests", "*.cs"))
            .Where(f => empty.Any(e => Path.GetFileNameWithoutExtension(f).EndsWith(e, StringComparison.Ordinal)))
            .Select(Repository.Relative);
        Assert.Empty(named);
    }

    [Fact]
    public void An_interface_has_more_than_one_implementation()
    {
        var assemblies = Repository.Projects.Select(Assembly.Load).ToList();
        var interfaces = new HashSet<string>(StringComparer.Ordinal);
        var implementations = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var assembly in assemblies)
        {
            foreach (var type in assembly.Metadata.TypeDefinitions.Select(assembly.Metadata.GetTypeDefinition))
            {
                // A generic interface is implemented by instantiations, which metadata lists elsewhere.
                if (type.Attributes.HasFlag(TypeAttributes.Interface) && !assembly.FullName(type).Contains('`'))
                    interfaces.Add(assembly.FullName(type));
                foreach (var name in ImplementedInterfaces(assembly, type))
                    implementations[name] = implementations.GetValueOrDefault(name) + 1;
            }
        }

        assemblies.ForEach(a => a.Dispose());
        Assert.DoesNotContain(interfaces, i => implementations.GetValueOrDefault(i) < 2);
    }

    private static IEnumerable<string> ImplementedInterfaces(Assembly assembly, TypeDefinition type)
    {
        var metadata = assembly.Metadata;
        foreach (var implemented in type.GetInterfaceImplementations().Select(metadata.GetInterfaceImplementation))
        {
            if (implemented.Interface.Kind == HandleKind.TypeDefinition)
                yield return assembly.FullName(metadata.GetTypeDefinition((TypeDefinitionHandle)implemented.Interface));
            if (implemented.Interface.Kind == HandleKind.TypeReference)
            {
                var reference = metadata.GetTypeReference((TypeReferenceHandle)implemented.Interface);
                yield return $"{metadata.GetString(reference.Namespace)}.{metadata.GetString(reference.Name)}";
            }
        }
    }
}
