using System.Buffers;

namespace HealthShare.Vault.Content.Kubo;

/// <summary>
/// Reads a content block by block from a daemon. A block is verified before any byte of it is given out. A reader that goes on
/// from leaf to leaf finds the next ones on their way: from another peer each takes its time, however short it is. Seekable.
/// Memory: the leaf that is read, those on their way, and the nodes from the root to them.
/// </summary>
internal sealed class KuboReadStream : Stream, ICutContent
{
    // A layout of two links and 1 KiB leaves reaches this depth with 4 TiB; a longer path is an attack.
    private const int MaxDepth = 32;

    // How much is on its way at most: 4 MiB, and no more blocks than a daemon likes to serve at a time.
    private const long MostBytesAhead = 4 * 1024 * 1024;
    private const int MostAhead = 16;

    private readonly KuboRpcClient rpc;
    private readonly Cid root;
    private readonly Stack<(FileNode Node, long Start)> path = new();
    private readonly CancellationTokenSource ended = new();
    private long length;
    private long position;
    private Leaf? held;
    private readonly Queue<Ahead> coming = new();
    private CancellationTokenSource wanted;

    private KuboReadStream(KuboRpcClient rpc, Cid root) 
    {
        (this.rpc, this.root) = (rpc, root);
        wanted = CancellationTokenSource.CreateLinkedTokenSource(ended.Token);
    }

    public override bool CanRead => !ended.IsCancellationRequested;

    public override bool CanSeek => CanRead;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            position = value;
        }
    }

    /// <summary>Fetches and verifies the root, which tells the length.</summary>
    /// <exception cref="ContentNotFoundException">The daemon does not get hold of the root.</exception>
    /// <exception cref="ContentCorruptException">The root does not hash to the CID, or is no file as this project stores it.</exception>
    public static async Task<KuboReadStream> OpenAsync(KuboRpcClient rpc, Cid cid, CancellationToken ct)
    {
        var stream = new KuboReadStream(rpc, cid);
        if (cid.Codec is CidCodec.Raw)
        {
            var block = await rpc.GetBlockAsync(cid, localOnly: false, ct);
            stream.held = new(0, block.Length, block, FromPool: false);
            stream.length = block.Length;
        }
        else
        {
            var node = await stream.ReadNodeAsync(cid, ct);
            stream.path.Push((node, 0));
            stream.length = node.Length;
        }
        return stream;
    }

    /// <summary>Goes down to the first leaf: every leaf but the last is as long, and every node but the last of its level as full, as the first.</summary>
    public async ValueTask<ContentLayout> FindLayoutAsync(CancellationToken ct)
    {
        if (root.Codec is CidCodec.Raw)
            return new(Math.Max(1024, (int)length), ContentLayout.Default.MaxLinks);
        var node = await ReadNodeAsync(root, ct);
        for (var depth = 1; ; depth++)
        {
            var (cid, _, size) = node.PartAt(0);
            if (cid.Codec is CidCodec.Raw)
                return new((int)Math.Min(int.MaxValue, size), Math.Max(2, node.Count));
            if (depth == MaxDepth)
                throw new ContentCorruptException(root, $"its tree is deeper than {MaxDepth}.");
            node = await ReadNodeAsync(cid, ct);
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(!CanRead, this);
        if (position >= length || buffer.IsEmpty)
            return 0;
        if (held is not { } leaf || !leaf.Holds(position))
            leaf = await MoveAsync(cancellationToken);
        var within = (int)(position - leaf.Start);
        var count = Math.Min(buffer.Length, leaf.Length - within);
        leaf.Bytes.AsMemory(within, count).CopyTo(buffer);
        position += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => position + offset,
        _ => length + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && CanRead)
        {
            ended.Cancel();
            held?.GiveBack();
            held = null;
            DropAll();
            wanted.Dispose();
            ended.Dispose();
        }
        base.Dispose(disposing);
    }

    private async Task<Leaf> MoveAsync(CancellationToken ct)
    {
        var goesOn = position == (held?.End ?? 0);
        held?.GiveBack();
        held = null;
        if (!coming.Any(one => one.Holds(position)))
            DropAll();
        while (coming.TryPeek(out var passed) && !passed.Holds(position))
            Drop(coming.Dequeue());
        if (coming.Count == 0)
            await OrderAsync(position, ct);
        if (goesOn)
        {
            for (var next = coming.Last().End; next < length && HasRoom(); next = coming.Last().End)
                await OrderAsync(next, ct);
        }
        var first = coming.Peek();
        try
        {
            return held = await first.Arriving.WaitAsync(ct);
        }
        finally
        {
            // A reader that is cancelled leaves the leaf on its way to the next read; one that failed is ordered again.
            if (first.Arriving.IsCompleted)
                coming.Dequeue();
        }
    }

    private bool HasRoom() => coming.Count < MostAhead && coming.Sum(one => one.Size) + coming.Peek().Size <= MostBytesAhead;

    private async Task OrderAsync(long at, CancellationToken ct)
    {
        var (cid, start, size) = await LocateAsync(at, ct);
        coming.Enqueue(new(start, size, ReadLeafAsync(cid, start, size, wanted.Token)));
    }

    private void DropAll()
    {
        if (coming.Count == 0)
            return;
        wanted.Cancel();
        while (coming.TryDequeue(out var one))
            Drop(one);
        wanted.Dispose();
        wanted = CancellationTokenSource.CreateLinkedTokenSource(ended.Token);
    }

    // The buffer goes back once nobody writes into it any more.
    private static void Drop(Ahead one) => _ = one.Arriving.ContinueWith(
        static arrived => (arrived.IsCompletedSuccessfully ? arrived.Result : null)?.GiveBack(),
        CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private async Task<(Cid Cid, long Start, int Size)> LocateAsync(long at, CancellationToken ct)
    {
        while (path.Count > 1 && !Holds(path.Peek(), at))
            path.Pop();
        while (true)
        {
            var (node, start) = path.Peek();
            var (cid, offset, size) = node.PartAt(at - start);
            if (cid.Codec is CidCodec.Raw)
            {
                return size <= ContentLayout.MaxChunkSize
                    ? (cid, start + offset, (int)size)
                    : throw new ContentCorruptException(root, "a leaf is longer than any leaf may be.");
            }
            if (path.Count == MaxDepth)
                throw new ContentCorruptException(root, $"its tree is deeper than {MaxDepth}.");
            var child = await ReadNodeAsync(cid, ct);
            if (child.Length != size)
                throw new ContentCorruptException(root, "a node has another length than the node above it says.");
            path.Push((child, start + offset));
        }
    }

    private static bool Holds((FileNode Node, long Start) entry, long at) => at >= entry.Start && at < entry.Start + entry.Node.Length;

    private async Task<Leaf> ReadLeafAsync(Cid cid, long start, int size, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            var read = await PartAsync(rpc.ReadBlockAsync(cid, buffer.AsMemory(0, size), localOnly: false, ct));
            return read == size
                ? new(start, read, buffer, FromPool: true)
                : throw new ContentCorruptException(root, $"the leaf at {start} has {read} bytes, its node says {size}.");
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private async Task<FileNode> ReadNodeAsync(Cid cid, CancellationToken ct)
    {
        // The root itself may be absent; a part of it that is absent makes the content incomplete.
        var reading = rpc.GetBlockAsync(cid, localOnly: false, ct);
        var block = cid.Equals(root) ? await reading : await PartAsync(reading);
        return FileNode.Decode(root, block);
    }

    private async Task<T> PartAsync<T>(Task<T> reading)
    {
        try
        {
            return await reading;
        }
        catch (ContentNotFoundException e)
        {
            throw new ContentCorruptException(root, $"its block {e.Cid} cannot be had.");
        }
        catch (ContentCorruptException e)
        {
            throw new ContentCorruptException(root, $"its block {e.Cid} does not hash to its digest.");
        }
    }

    private sealed record Leaf(long Start, int Length, byte[] Bytes, bool FromPool)
    {
        public long End => Start + Length;

        public bool Holds(long at) => at >= Start && at < End;

        public void GiveBack()
        {
            if (FromPool)
                ArrayPool<byte>.Shared.Return(Bytes);
        }
    }

    private sealed record Ahead(long Start, int Size, Task<Leaf> Arriving)
    {
        public long End => Start + Size;

        public bool Holds(long at) => at >= Start && at < End;
    }
}
