using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace HealthShare.Hl7;

/// <summary>Bytes of a text whose character set may switch on its way; a value begins in the message's own set.</summary>
internal sealed class Er7Text(int expectedBytes)
{
    private const byte Esc = 0x1B;
    private readonly ArrayBufferWriter<byte> bytes = new(Math.Max(1, expectedBytes));
    private List<(int From, Er7SetSwitch Set)>? switches;

    /// <summary>Whether a text may hold switches of ISO 2022.</summary>
    public static bool MaySwitch(ReadOnlySpan<byte> text) => text.Contains(Esc);

    /// <summary>Takes bytes as they stand in the message; ISO 2022's own escape sequences in them switch the set.</summary>
    public void AddWritten(ReadOnlySpan<byte> written)
    {
        while (written.IndexOf(Esc) is var at and >= 0)
        {
            var found = Er7SetSwitch.At(written[at..], 0, out var length);
            Add(found is null ? written[..(at + 1)] : written[..at]);
            if (found is not null)
                Switch(found);
            written = written[(at + Math.Max(1, length))..];
        }
        Add(written);
    }

    /// <summary>Takes bytes of the text itself.</summary>
    public void Add(ReadOnlySpan<byte> text) => bytes.Write(text);

    /// <summary>Takes one byte several times.</summary>
    public void Add(byte value, int count)
    {
        bytes.GetSpan(Math.Max(1, count))[..count].Fill(value);
        bytes.Advance(count);
    }

    /// <summary>What follows is read by another set.</summary>
    public void Switch(Er7SetSwitch set) => (switches ??= []).Add((bytes.WrittenCount, set));

    public string ToText(Encoding own)
    {
        var all = bytes.WrittenSpan;
        if (switches is null)
            return Own(all, own);
        var text = new StringBuilder(Own(all[..switches[0].From], own));
        for (var i = 0; i < switches.Count; i++)
        {
            var (from, set) = switches[i];
            var run = all[from..(i + 1 < switches.Count ? switches[i + 1].From : all.Length)];
            text.Append(set.CodePage == 0 ? Own(run, own) : set.Decode(run));
        }
        return text.ToString();
    }

    private static string Own(ReadOnlySpan<byte> run, Encoding own) =>
        own is UTF8Encoding && !Utf8.IsValid(run) ? Encoding.Latin1.GetString(run) : own.GetString(run);
}
