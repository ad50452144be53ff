using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace HealthShare.Vault.Content;

/// <summary>
/// Lets small contents that are stored at the same time share one wait for the disk: each is written to this log, which is synchronised, before its file
/// appears, which is not. Files are synchronised together when a part of the log is full, and only then that part goes. Thread-safe.
/// </summary>
/// <remarks>
/// A part is a file of frames: 4 bytes length, 32 bytes SHA-256, the content. A part is read up to the first frame that does not hash to what it says: the
/// rest was never acknowledged.
/// </remarks>
/// <param name="folder">The log's own folder; it exists.</param>
/// <param name="syncFiles">Makes the files of contents durable, which are named by their SHA-256.</param>
internal sealed class ContentLog(string folder, Action<List<ReadOnlyMemory<byte>>> syncFiles) : IDisposable
{
    /// <summary>Longest content that goes through the log, in bytes.</summary>
    public const int MostBytes = 256 * 1024;

    private const int HeaderSize = sizeof(int) + SHA256.HashSizeInBytes;
    private const long PartBytes = 32 * 1024 * 1024;
    private const int MostTogether = 4 * 1024 * 1024;
    private readonly Lock gate = new();
    private readonly Queue<Waiting> waiting = new();
    private readonly List<Part> full = [];
    private readonly SemaphoreSlim settling = new(1, 1);
    private Part? active;
    private bool writing;

    /// <summary>What an earlier process wrote and did not settle; where a content is there twice, it is the same.</summary>
    public static IEnumerable<byte[]> Read(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            using var file = File.OpenRead(path);
            var header = new byte[HeaderSize];
            while (file.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) == HeaderSize
                && BinaryPrimitives.ReadInt32BigEndian(header) is >= 0 and <= MostBytes and var length)
            {
                var content = new byte[length];
                if (file.ReadAtLeast(content, length, throwOnEndOfStream: false) < length
                    || !SHA256.HashData(content).AsSpan().SequenceEqual(header.AsSpan(sizeof(int))))
                    break;
                yield return content;
            }
        }
    }

    /// <summary>Makes a content durable here. Dispose the result once its file has appeared.</summary>
    /// <param name="digest">SHA-256 of the content.</param>
    /// <param name="content">The content; it must not change until this returns.</param>
    /// <exception cref="IOException">It could not be written; nothing is promised.</exception>
    public async Task<IDisposable> AppendAsync(ReadOnlyMemory<byte> digest, ReadOnlyMemory<byte> content)
    {
        var one = new Waiting(digest, content);
        var isFirst = false;
        lock (gate)
        {
            waiting.Enqueue(one);
            (isFirst, writing) = (!writing, true);
        }
        if (isFirst)
            ThreadPool.UnsafeQueueUserWorkItem(static log => log.Write(), this, preferLocal: false);
        return await one.Done.Task;
    }

    /// <summary>Makes the files of all that was appended durable, and lets go of the log up to here.</summary>
    public async Task SettleAsync(CancellationToken ct)
    {
        await settling.WaitAsync(ct);
        try
        {
            List<Part> parts;
            lock (gate)
            {
                RetireActive();
                parts = [.. full];
            }
            if (parts.Count == 0)
                return;
            foreach (var part in parts)
                await part.Empty.WaitAsync(ct);
            syncFiles([.. parts.SelectMany(part => part.Digests)]);
            foreach (var part in parts)
                File.Delete(part.Path);
            lock (gate)
                full.RemoveAll(parts.Contains);
            FolderSync.Flush(folder);
        }
        finally
        {
            settling.Release();
        }
    }

    /// <summary>Closes the log; what is in it is read when the store opens again.</summary>
    public void Dispose()
    {
        lock (gate)
            RetireActive();
        settling.Dispose();
    }

    private void Write()
    {
        while (Next() is { Count: > 0 } group)
        {
            try
            {
                var part = WriteGroup(group);
                foreach (var one in group)
                    one.Done.SetResult(part);
                if (part.Length >= PartBytes)
                    _ = Task.Run(SettleInTimeAsync);
            }
            catch (Exception e)
            {
                // What stands behind a frame that was cut would not be read again: the next group begins a part of its own.
                lock (gate)
                    RetireActive();
                foreach (var one in group)
                    one.Done.TrySetException(e is IOException ? e : new IOException("The content log could not be written.", e));
            }
        }
    }

    private List<Waiting> Next()
    {
        var (group, bytes) = (new List<Waiting>(), 0);
        lock (gate)
        {
            while (bytes < MostTogether && waiting.TryDequeue(out var one))
            {
                group.Add(one);
                bytes += HeaderSize + one.Content.Length;
            }
            writing = group.Count > 0;
        }
        return group;
    }

    private Part WriteGroup(List<Waiting> group)
    {
        Part? part;
        lock (gate)
            part = active;
        part ??= Open();
        var size = group.Sum(one => HeaderSize + one.Content.Length);
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var at = 0;
            foreach (var one in group)
            {
                BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(at), one.Content.Length);
                one.Digest.Span.CopyTo(buffer.AsSpan(at + sizeof(int)));
                one.Content.Span.CopyTo(buffer.AsSpan(at + HeaderSize));
                at += HeaderSize + one.Content.Length;
            }
            lock (gate)
            {
                if (part.IsFull) // settled this very moment
                    part = Open();
                part.Begin(group.Count);
            }
            try
            {
                RandomAccess.Write(part.File, buffer.AsSpan(0, size), part.Length);
                RandomAccess.FlushToDisk(part.File);
            }
            catch
            {
                part.End(group.Count);
                throw;
            }
            part.Length += size;
            part.Digests.AddRange(group.Select(one => one.Digest));
            return part;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Part Open()
    {
        var part = new Part(Path.Combine(folder, $"{DateTime.UtcNow.Ticks:x16}-{Guid.NewGuid():n}"));
        FolderSync.Flush(folder);
        lock (gate)
            active = part;
        return part;
    }

    // With the gate held.
    private void RetireActive()
    {
        if (active is not { } part)
            return;
        active = null;
        full.Add(part);
        part.Close();
    }

    // The parts that could not be settled are settled with the next one, or read at the next start.
    private async Task SettleInTimeAsync()
    {
        try
        {
            await SettleAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
        }
    }

    private sealed record Waiting(ReadOnlyMemory<byte> Digest, ReadOnlyMemory<byte> Content)
    {
        public TaskCompletionSource<IDisposable> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>One file of the log, and how many of its contents have no file yet. Disposing counts one that now has.</summary>
    private sealed class Part(string path) : IDisposable
    {
        private readonly TaskCompletionSource empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int open = 1; // itself

        public string Path { get; } = path;

        public SafeFileHandle File { get; } = System.IO.File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write);

        public long Length { get; set; }

        public List<ReadOnlyMemory<byte>> Digests { get; } = [];

        public bool IsFull { get; private set; }

        public Task Empty => empty.Task;

        public void Begin(int count) => Interlocked.Add(ref open, count);

        public void End(int count)
        {
            if (Interlocked.Add(ref open, -count) > 0)
                return;
            File.Dispose();
            empty.TrySetResult();
        }

        public void Close()
        {
            IsFull = true;
            End(1);
        }

        public void Dispose() => End(1);
    }
}
