using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using HealthShare.Hl7;
using HealthShare.Node.Cli;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Hl7;

public sealed partial class SharedCorpusTests
{
    [SharedDataFact("data/hl7/manifest.json")]
    public void Every_message_with_facts_gives_exactly_these_facts()
    {
        using var manifest = Manifest();
        var compared = 0;
        foreach (var item in manifest.RootElement.GetProperty("items").EnumerateArray())
        {
            if (!item.TryGetProperty("facts", out var facts))
                continue;
            var file = item.GetProperty("file").GetString()!;
            var lines = Inspect(file).Select(line => JsonDocument.Parse(line).RootElement).ToList();
            Assert.True(lines.Count == facts.GetArrayLength(), $"{file}: {lines.Count} messages");
            foreach (var (fact, line) in facts.EnumerateArray().Zip(lines))
            {
                foreach (var name in new[] { "msh9", "msh10", "msh12", "pid3_1", "pid5_1", "pid5_2", "segments", "obx" })
                {
                    Assert.True(line.TryGetProperty(name, out var value), $"{file}: {line}");
                    Assert.True(JsonElement.DeepEquals(fact.GetProperty(name), value), $"{file}: {name} is {value}, not {fact.GetProperty(name)}");
                }
                Assert.Equal(fact.GetProperty("segment_total").GetInt32(), line.GetProperty("segmentTotal").GetInt32());
                compared++;
            }
        }
        Assert.True(compared >= 96, $"{compared} messages compared");
    }

    [SharedDataFact("data/hl7/manifest.json")]
    public void Whole_fields_and_repetitions_agree_too()
    {
        using var manifest = Manifest();
        foreach (var item in manifest.RootElement.GetProperty("items").EnumerateArray())
        {
            var file = item.GetProperty("file").GetString()!;
            if (!item.TryGetProperty("facts", out var facts) || !facts[0].TryGetProperty("pid3", out _))
                continue;
            var messages = Er7File.Split(File.ReadAllBytes(SharedData.PathOf("data/hl7/" + file)))
                .Where(piece => piece.Kind is Er7PieceKind.Message).Select(piece => Er7Message.Parse(piece.Bytes)).ToList();
            foreach (var (fact, message) in facts.EnumerateArray().Zip(messages))
            {
                Assert.Equal(fact.GetProperty("pid3").GetString(), message.Get("PID-3").RawText);
                Assert.Equal(fact.GetProperty("pid3_reps").GetInt32(), message.Get("PID-3").RepetitionCount);
                Assert.Equal(fact.GetProperty("pid5").GetString(), message.Get("PID-5").RawText);
                Assert.Equal(fact.GetProperty("msh18").GetString(), message.Get("MSH-18").RawText);
            }
        }
    }

    [SharedDataFact("data/hl7/manifest.json")]
    public void Every_file_is_read_or_refused_with_a_reason_and_none_crashes()
    {
        var files = Directory.GetFiles(SharedData.PathOf("data/hl7"), "*.*", SearchOption.AllDirectories)
            .Where(file => !file.EndsWith("manifest.json", StringComparison.Ordinal)).ToList();
        Assert.True(files.Count >= 500);
        var refused = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            foreach (var line in Hl7InspectCommand.Inspect(file, File.ReadAllBytes(file)))
            {
                using var json = JsonDocument.Parse(line);
                if (!json.RootElement.TryGetProperty("error", out var error))
                    continue;
                Assert.Matches("At .*byte [0-9]+", error.GetString());
                refused.Add(Path.GetFileName(file));
            }
        }
        // No MSH at all, one character for every delimiter, identifiers of two or four letters, lines after a batch's end or
        // between frames, a frame inside a frame: each is wrong, and everything else is read.
        Assert.Equal(
            ["ballerina-parser_tests-001-60e5.hl7", "dex-Lyme_WithBadDelimiters-8a8d.hl7", "garbage-between-frames.mllp",
             "pyhl7-samples-011-edaf.hl7", "pyhl7-samples-081-9aae.hl7", "pyhl7-samples-089-9db3.hl7", "pyhl7-samples-116-a5ef.hl7",
             "pyhl7-samples-215-e14c.hl7", "rethink-invalid-segment-header-length-e500.hl7", "vt-inside-open-frame.mllp"],
            refused);
    }

    [SharedDataFact("data/hl7/manifest.json")]
    public void Segments_written_back_in_order_equal_the_input()
    {
        foreach (var file in Directory.GetFiles(SharedData.PathOf("data/hl7"), "*.hl7", SearchOption.AllDirectories))
        {
            var bytes = File.ReadAllBytes(file);
            foreach (var piece in Er7File.Split(bytes))
            {
                Assert.True(piece.Bytes.Span.SequenceEqual(bytes.AsSpan(piece.Offset, piece.Bytes.Length)), file);
                if (piece.Kind is not Er7PieceKind.Message || !Er7Message.TryParse(piece.Bytes, null, out var message, out _))
                    continue;
                Assert.True(message!.Bytes.Span.SequenceEqual(piece.Bytes.Span), file);
                var segments = Enumerable.Range(0, message.SegmentCount).Select(i => Encoding.Latin1.GetString(message[i].Raw));
                var lines = LineEnds().Split(Encoding.Latin1.GetString(piece.Bytes.Span)).Where(line => line.Length > 0);
                Assert.Equal(lines, segments);
            }
        }
    }

    private static IEnumerable<string> Inspect(string file) =>
        Hl7InspectCommand.Inspect(file, File.ReadAllBytes(SharedData.PathOf("data/hl7/" + file)));

    private static JsonDocument Manifest() => JsonDocument.Parse(File.ReadAllBytes(SharedData.PathOf("data/hl7/manifest.json")));

    [GeneratedRegex("[\r\n]+")]
    private static partial Regex LineEnds();
}
