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
    private const string Sent = "offset", Left = "failed"; // a line of another form says nothing
    private readonly string path;
    private readonly Dictionary<string, (string Form, long Size, long Time, long Offset)> known = new(StringComparer.Ordinal);
    private readonly StreamWriter writer;

    private ImportNote(string path)
    {
        this.path = path;
        foreach (var line in File.Exists(path) ? File.ReadAllLines(path) : [])
        {
            if (line.Split('\t', 5) is [(Sent or Left) and var form, var size, var time, var offset, var file] && Number(size, out var bytes) && Number(time, out var ticks) && Number(offset, out var from))
                known[file] = (form, bytes, ticks, from); // a line that was cut by a crash says nothing
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
    public void Add(FileInfo file, long offset) => Write(Sent, file, offset);

    /// <summary>A file, or a part of it, is not as the node takes it; how far the node has it stays as it was.</summary>
    public void Fail(FileInfo file) => Write(Left, file, OffsetOf(file));

    /// <summary>
    /// What an earlier run said of a file that is not there any more: whether it was through with it, having sent all of it or told that it failed before any of it was sent, and how many of its
    /// first bytes were sent. Null where this note says nothing of it.
    /// </summary>
    public (bool IsThrough, long Sent)? OfMissing(string file) => known.TryGetValue(file, out var entry) ? ((entry.Form == Left && entry.Offset == 0) || entry.Offset >= entry.Size, entry.Offset) : null;

    /// <summary>All is done: nothing is left to go on with.</summary>
    public void Remove()
    {
        writer.Dispose();
        File.Delete(path);
    }

    public void Dispose() => writer.Dispose();

    private void Write(string form, FileInfo file, long offset)
    {
        var (size, time) = (file.Length, file.LastWriteTimeUtc.Ticks);
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{form}\t{size}\t{time}\t{offset}\t{file.FullName}"));
        known[file.FullName] = (form, size, time, offset);
    }

    private static bool Number(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
