using Consilience.Client.Publish;
using Consilience.Protocol.Identity;

namespace Consilience.Client.Analyse;

/// <summary>
/// Where large answers lie until they are verified: a folder of its own within the one that takes their evidence, so that nothing has the name of evidence there that did not verify, and nothing that did is written over. It goes
/// when this is disposed of, with what was not kept.
/// </summary>
/// <param name="folder">That takes evidence; null where there is none, and everything is held in memory.</param>
internal sealed class ArrivingEvidence(string? folder) : IDisposable
{
    /// <summary>How its folder's name begins.</summary>
    internal const string Prefix = ".arriving-";

    private string? path;

    /// <summary>Whether evidence of so many bytes lies in a file of its own.</summary>
    internal bool TakesFile(long size) => folder is not null && size > ReceiptStatement.ModestEvidence;

    /// <summary>Where evidence lies that is not kept yet.</summary>
    internal string Path => path ??= Directory.CreateDirectory(System.IO.Path.Combine(folder!, Prefix + System.IO.Path.GetRandomFileName())).FullName;

    /// <summary>A file for bytes on their way, which goes when it is closed.</summary>
    internal FileStream Draft() => new(System.IO.Path.Combine(Path, System.IO.Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);

    internal FileStream Create(RunId run) => new(System.IO.Path.Combine(Path, RunEvidence.NameOf(run)), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);

    /// <summary>Keeps a run's evidence, where it has a file.</summary>
    internal void Keep(RunId run)
    {
        if (path is not null && File.Exists(System.IO.Path.Combine(path, RunEvidence.NameOf(run))))
            File.Move(System.IO.Path.Combine(path, RunEvidence.NameOf(run)), System.IO.Path.Combine(folder!, RunEvidence.NameOf(run)), overwrite: true);
    }

    public void Dispose()
    {
        if (path is not null)
            Directory.Delete(path, recursive: true);
    }
}
