using System.Globalization;
using System.Text;

namespace HealthShare.Node.Intake.Import;

/// <summary>
/// How much of each file the node has acknowledged, so that an import that was interrupted goes on where it was. Lines of a word, numbers and a path;
/// the last line of a path counts. It saves time only: what is sent twice has no second effect. How far means bytes: how many messages a file's first
/// bytes hold is a matter of how they are read, which may change with a version.
/// </summary>
internal sealed class ImportNote : IDisposable
{
    private const string Form = "offset"; // a line of another form says nothing
    private readonly string path;
    private readonly Dictionary<string, (long Size, long Time, long Offset)> known = new(StringComparer.Ordinal);
    private readonly StreamWriter writer;

    private ImportNote(string path)
    {
        this.path = path;
        foreach (var line in File.Exists(path) ? File.ReadAllLines(path) : [])
        {
            if (line.Split('\t', 5) is [Form, var size, var time, var offset, var file] && Number(size, out var bytes) && Number(time, out var ticks) && Number(offset, out var from))
                known[file] = (bytes, ticks, from); // a line that was cut by a crash says nothing
        }
        writer = new StreamWriter(path, append: true, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
        writer.WriteLine(); // after a line that was cut
    }

    /// <summary>Opens a note, or begins one.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static ImportNote Open(string path) => new(path);

    /// <summary>Up to which byte the node has a file's messages; 0 where the file was changed since.</summary>
    public long OffsetOf(FileInfo file) => known.TryGetValue(file.FullName, out var entry) && entry.Size == file.Length && entry.Time == file.LastWriteTimeUtc.Ticks
        ? entry.Offset
        : 0;

    /// <summary>The node has the messages of a file that begin before a byte; its length where it has all of them.</summary>
    public void Add(FileInfo file, long offset) =>
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Form}\t{file.Length}\t{file.LastWriteTimeUtc.Ticks}\t{offset}\t{file.FullName}"));

    /// <summary>All is done: nothing is left to go on with.</summary>
    public void Remove()
    {
        writer.Dispose();
        File.Delete(path);
    }

    public void Dispose() => writer.Dispose();

    private static bool Number(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
