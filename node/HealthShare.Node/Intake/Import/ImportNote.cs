using System.Globalization;
using System.Text;

namespace HealthShare.Node.Intake.Import;

/// <summary>
/// How much of each file the node has acknowledged, so that an import that was interrupted goes on where it was. Lines of numbers and a path;
/// the last line of a path counts. It saves time only: what is sent twice has no second effect.
/// </summary>
internal sealed class ImportNote : IDisposable
{
    private readonly string path;
    private readonly Dictionary<string, (long Size, long Time, int Done)> known = new(StringComparer.Ordinal);
    private readonly StreamWriter writer;

    private ImportNote(string path)
    {
        this.path = path;
        foreach (var line in File.Exists(path) ? File.ReadAllLines(path) : [])
        {
            if (line.Split('\t', 4) is [var size, var time, var done, var file] && Number(size, out var bytes) && Number(time, out var ticks) && Number(done, out var count))
                known[file] = (bytes, ticks, (int)count); // a line that was cut by a crash says nothing
        }
        writer = new StreamWriter(path, append: true, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
        writer.WriteLine(); // after a line that was cut
    }

    /// <summary>Opens a note, or begins one.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static ImportNote Open(string path) => new(path);

    /// <summary>How many messages of a file the node has; 0 where the file was changed since.</summary>
    public int DoneOf(FileInfo file) => known.TryGetValue(file.FullName, out var entry) && entry.Size == file.Length && entry.Time == file.LastWriteTimeUtc.Ticks
        ? entry.Done
        : 0;

    /// <summary>The node has so many messages of a file.</summary>
    public void Add(FileInfo file, int done) =>
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file.Length}\t{file.LastWriteTimeUtc.Ticks}\t{done}\t{file.FullName}"));

    /// <summary>All is done: nothing is left to go on with.</summary>
    public void Remove()
    {
        writer.Dispose();
        File.Delete(path);
    }

    public void Dispose() => writer.Dispose();

    private static bool Number(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
