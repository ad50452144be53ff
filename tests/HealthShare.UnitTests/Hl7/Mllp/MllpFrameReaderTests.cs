using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using HealthShare.Hl7;
using HealthShare.Hl7.Mllp;
using HealthShare.UnitTests.Support;

namespace HealthShare.UnitTests.Hl7.Mllp;

public sealed class MllpFrameReaderTests
{
    [Theory]
    [InlineData("\u000bA\u001c\r", "A", 0, 0, false)]
    [InlineData("\u000bA\u001c\r\u000bB\u001c\r", "A,B", 0, 0, false)]
    [InlineData("\u000bA\u001c\u000bB\u001c", "A,B", 0, 0, false)]
    [InlineData("xx\r\n\u000bA\u001c\ryy\u000bB\u001c\r", "A,B", 5, 0, false)]
    [InlineData("\u000bA\u001c\r\u000bB", "A", 0, 0, true)]
    [InlineData("\u000bA\u000bB\u001c\r", "B", 0, 1, false)]
    [InlineData("\u000b\u001c\r\u000bB\u001c\r", ",B", 0, 0, false)]
    [InlineData("\u001c\r\u001c\u000bB\u001c\r", "B", 2, 0, false)]
    [InlineData("", "", 0, 0, false)]
    public async Task Frames_are_found_however_the_stream_is_cut(string stream, string frames, int noise, int abandoned, bool tail)
    {
        foreach (var chunk in new[] { 1, 2, 3, 1000 })
        {
            var (found, reader) = await ReadAllAsync(Encoding.UTF8.GetBytes(stream), chunk);
            Assert.Equal(frames, string.Join(',', found.Select(Encoding.UTF8.GetString)));
            Assert.Equal((noise, abandoned, tail), ((int)reader.NoiseBytes, reader.AbandonedFrames, reader.EndedInsideFrame));
        }
    }

    [SharedDataFact("data/hl7/derived-mllp")]
    public async Task Shared_streams_give_exactly_the_frames_their_manifest_names()
    {
        using var manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(SharedData.PathOf("data/hl7/manifest.json")));
        var streams = 0;
        foreach (var item in manifest.RootElement.GetProperty("items").EnumerateArray().Where(i => i.TryGetProperty("frames", out _)))
        {
            var bytes = await File.ReadAllBytesAsync(SharedData.PathOf("data/hl7/" + item.GetProperty("file").GetString()));
            foreach (var chunk in new[] { 1, 7, 100_000 })
            {
                var (found, reader) = await ReadAllAsync(bytes, chunk);
                var ids = found.Where(frame => frame.Any(b => b is not ((byte)'\r' or (byte)'\n')))
                    .Select(frame => Er7Message.Parse(frame).Get("MSH-10").RawText);
                Assert.Equal(item.GetProperty("frames").GetInt32(), found.Count);
                Assert.Equal(item.GetProperty("msh10").EnumerateArray().Select(id => id.GetString()), ids);
                Assert.Equal(item.TryGetProperty("incomplete_tail", out _), reader.EndedInsideFrame);
            }
            streams++;
        }
        Assert.Equal(7, streams);
    }

    [Fact]
    public async Task A_frame_above_the_limit_is_refused_with_its_beginning()
    {
        var stream = Encoding.UTF8.GetBytes("\u000bMSH|^~\\&|" + new string('x', 9000) + "\u001c\r");
        var error = await Assert.ThrowsAsync<MllpFrameTooLargeException>(() => ReadAllAsync(stream, 64, limit: 5000));
        Assert.StartsWith("MSH|^~\\&|xxx", Encoding.UTF8.GetString(error.Beginning.Span), StringComparison.Ordinal);
        var (found, _) = await ReadAllAsync(stream, 64, limit: 9009);
        Assert.Single(found);
    }

    private static async Task<(List<byte[]> Frames, MllpFrameReader Reader)> ReadAllAsync(byte[] stream, int chunk, int limit = 1 << 20)
    {
        var pipe = new Pipe();
        var writing = Task.Run(async () =>
        {
            foreach (var part in stream.Chunk(chunk))
                await pipe.Writer.WriteAsync(part);
            await pipe.Writer.CompleteAsync();
        });
        var reader = new MllpFrameReader(pipe.Reader, limit);
        var frames = new List<byte[]>();
        try
        {
            while (await reader.ReadAsync() is { } frame)
                frames.Add(frame);
        }
        finally
        {
            await pipe.Reader.CompleteAsync();
            await writing;
        }
        return (frames, reader);
    }
}
