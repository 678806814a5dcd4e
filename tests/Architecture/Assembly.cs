using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Consilience.Architecture.Tests;

/// <summary>One of the product's assemblies, read as metadata: what it references, which fields and methods it defines.</summary>
internal sealed class Assembly : IDisposable
{
    private readonly PEReader file;

    private Assembly(string project, string path)
    {
        Project = project;
        file = new PEReader(File.OpenRead(path));
        Metadata = file.GetMetadataReader();
        var pdb = Path.ChangeExtension(path, ".pdb");
        Symbols = File.Exists(pdb) ? MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(pdb)).GetMetadataReader() : null;
    }

    internal string Project { get; }

    internal MetadataReader Metadata { get; }

    internal MetadataReader? Symbols { get; }

    internal static Assembly Load(string project) =>
        new(project, Path.Combine(AppContext.BaseDirectory, project == "Cli" ? "consilience.dll" : $"Consilience.{project}.dll"));

    /// <summary>Every type this assembly mentions and does not define, as <c>Namespace.Name</c>.</summary>
    internal IEnumerable<string> ReferencedTypes() =>
        Metadata.TypeReferences.Select(Metadata.GetTypeReference)
            .Select(t => $"{Metadata.GetString(t.Namespace)}.{Metadata.GetString(t.Name)}");

    /// <summary>Every member this assembly mentions and does not define, as <c>Namespace.Type.Member</c>.</summary>
    internal IEnumerable<string> ReferencedMembers()
    {
        foreach (var member in Metadata.MemberReferences.Select(Metadata.GetMemberReference))
        {
            if (member.Parent.Kind != HandleKind.TypeReference)
                continue;
            var type = Metadata.GetTypeReference((TypeReferenceHandle)member.Parent);
            yield return $"{Metadata.GetString(type.Namespace)}.{Metadata.GetString(type.Name)}.{Metadata.GetString(member.Name)}";
        }
    }

    internal string FullName(TypeDefinition type)
    {
        var name = Metadata.GetString(type.Name);
        return type.GetDeclaringType() is { IsNil: false } outer
            ? $"{FullName(Metadata.GetTypeDefinition(outer))}.{name}"
            : $"{Metadata.GetString(type.Namespace)}.{name}";
    }

    /// <summary>Static fields that can be assigned after start-up, compiler-made ones left out.</summary>
    internal IEnumerable<string> MutableStatics() =>
        from type in Metadata.TypeDefinitions.Select(Metadata.GetTypeDefinition)
        where !FullName(type).Contains('<', StringComparison.Ordinal)
        from field in type.GetFields().Select(Metadata.GetFieldDefinition)
        let name = Metadata.GetString(field.Name)
        where field.Attributes.HasFlag(FieldAttributes.Static)
            && (field.Attributes & (FieldAttributes.InitOnly | FieldAttributes.Literal)) == FieldAttributes.PrivateScope
            && !name.Contains('<', StringComparison.Ordinal)
        select $"{FullName(type)}.{name}";

    /// <summary>Methods with the number of source lines between their first and last statement.</summary>
    internal IEnumerable<(string Name, string File, int Lines)> MethodLengths()
    {
        foreach (var handle in Metadata.MethodDefinitions)
        {
            var method = Metadata.GetMethodDefinition(handle);
            var points = Symbols!.GetMethodDebugInformation(handle).GetSequencePoints().Where(p => !p.IsHidden).ToList();
            if (points.Count == 0)
                continue;
            var document = Symbols.GetString(Symbols.GetDocument(points[0].Document).Name);
            var type = FullName(Metadata.GetTypeDefinition(method.GetDeclaringType()));
            yield return ($"{type}.{Metadata.GetString(method.Name)}", document, points.Max(p => p.EndLine) - points.Min(p => p.StartLine) + 1);
        }
    }

    public void Dispose() => file.Dispose();
}
