using System.Diagnostics;
using HealthShare.Vault.Content;
using HealthShare.Vault.Content.Kubo;
using HealthShare.Vault.Keys;
using HealthShare.Vault.Records;

namespace HealthShare.IntegrationTests.Content;

/// <summary>
/// A program that seals a long record into a store, reads it back, and prints how much memory it had before, at most until it was
/// stored, and at most until it was read, in bytes: <c>IDLE STORED READ</c>.
/// </summary>
internal static class RecordMeter
{
    private const int WarmUp = 3_000_000; // beyond one leaf, so that both ways were gone once

    /// <summary>With the embedded store in a folder.</summary>
    public static async Task<int> OfEmbeddedAsync(string folder, long size)
    {
        using var store = EmbeddedContentStore.Open(new() { Folder = folder });
        return await MeasureAsync(store, size);
    }

    /// <summary>With an IPFS daemon.</summary>
    public static async Task<int> OfDaemonAsync(Uri rpc, string folder, long size)
    {
        using var store = KuboContentStore.Open(new() { Rpc = new() { Url = rpc, PinTimeout = TimeSpan.FromMinutes(10) }, Folder = folder });
        return await MeasureAsync(store, size);
    }

    private static async Task<int> MeasureAsync(IContentStore store, long size)
    {
        await RoundTripAsync(store, WarmUp);
        using var process = Process.GetCurrentProcess();
        var idle = process.WorkingSet64;
        var stored = await RoundTripAsync(store, size);
        process.Refresh();
        await Console.Out.WriteLineAsync($"{idle} {stored} {process.PeakWorkingSet64}");
        return 0;
    }

    // Returns the peak of memory once the content was stored.
    private static async Task<long> RoundTripAsync(IContentStore store, long size)
    {
        using var process = Process.GetCurrentProcess();
        using var key = SecretKey.Create();
        var context = new RecordContext("health", "rc-1").ToBytes();
        await using var sealing = new RecordSealStream(new PatternStream(size), key.Bytes, context);
        var stored = await store.PutAsync(sealing, CancellationToken.None);
        if (stored.Size != RecordLength.Sealed(size))
            throw new InvalidDataException("The store took another length.");
        var peak = process.PeakWorkingSet64;

        await using var content = await store.OpenAsync(stored.Cid, CancellationToken.None);
        await using var opening = await RecordOpenStream.CreateAsync(content, key.Bytes.ToArray(), context, CancellationToken.None);
        var buffer = new byte[128 * 1024];
        long position = 0;
        for (int read; (read = await opening.ReadAsync(buffer)) > 0; position += read)
        {
            if (buffer[0] != PatternStream.At(position) || buffer[read - 1] != PatternStream.At(position + read - 1))
                throw new InvalidDataException($"Other bytes came back around {position}.");
        }
        if (position != size)
            throw new InvalidDataException("Another length came back.");
        return peak;
    }

    /// <summary>Bytes made as they are read.</summary>
    private sealed class PatternStream(long length) : Stream
    {
        private long position;

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => length;
        public override long Position { get => position; set => throw new NotSupportedException(); }

        public static byte At(long position) => (byte)(position / 4096 * 31 + position);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = (int)Math.Min(buffer.Length, length - position);
            for (var i = 0; i < count; i++)
                buffer.Span[i] = At(position + i);
            position += count;
            return new(count);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
