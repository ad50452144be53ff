using System.Collections.Concurrent;
using HealthShare.Vault.Content;

namespace HealthShare.Node.Content.Migration;

/// <summary>
/// A file with the CIDs that a migration has verified at its target, one a line, so that the next run need not read them again. It is
/// only believed of contents that the target has pinned, and a line that is lost costs no more than another look.
/// </summary>
internal sealed class MigrationNote : IDisposable
{
    private readonly ConcurrentDictionary<Cid, byte> verified = new();
    private readonly StreamWriter file;

    private MigrationNote(string path)
    {
        if (File.Exists(path))
        {
            foreach (var line in File.ReadLines(path))
            {
                if (Cid.TryParse(line, out var cid)) // not the line that a crash has cut
                    verified.TryAdd(cid, 0);
            }
        }
        Path = path;
        file = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
        file.WriteLine(); // ends a line that a crash has cut
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Opens the note, which is made if it is not there.</summary>
    /// <exception cref="IOException">The file cannot be used, or another migration is using it.</exception>
    public static MigrationNote Open(string path) => new(path);

    /// <summary>True when this content was verified at the target.</summary>
    public bool Has(Cid cid) => verified.ContainsKey(cid);

    /// <summary>Notes a content. Thread-safe.</summary>
    public void Add(Cid cid)
    {
        if (!verified.TryAdd(cid, 0))
            return;
        lock (file)
            file.WriteLine(cid);
    }

    /// <summary>Ends a migration: the note is of no use any more.</summary>
    public void Remove()
    {
        Dispose();
        File.Delete(Path);
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
