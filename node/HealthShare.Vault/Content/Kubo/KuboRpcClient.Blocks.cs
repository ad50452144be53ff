using System.Buffers;
using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using HealthShare.Vault.Content.Ipfs;

namespace HealthShare.Vault.Content.Kubo;

public sealed partial class KuboRpcClient
{
    /// <summary>Reads a block and verifies it.</summary>
    /// <param name="cid">The block.</param>
    /// <param name="localOnly">
    /// True does not let the daemon ask its peers: a Kubo that does not answer within <see cref="KuboRpcOptions.LocalTimeout"/> is
    /// busy, and says nothing about the block. js-ipfs asks its peers all the same, and that time is how long it may.
    /// </param>
    /// <param name="ct">Ends the wait.</param>
    /// <exception cref="ContentNotFoundException">The daemon did not get hold of it within the time set.</exception>
    /// <exception cref="ContentCorruptException">What came does not hash to the CID.</exception>
    public async Task<byte[]> GetBlockAsync(Cid cid, bool localOnly, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ContentLayout.MaxChunkSize);
        try
        {
            return buffer.AsSpan(0, await ReadBlockAsync(cid, buffer, localOnly, ct)).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads a block into a buffer and verifies it.</summary>
    /// <inheritdoc cref="GetBlockAsync"/>
    /// <param name="cid">The block.</param>
    /// <param name="buffer">At least as long as the block.</param>
    /// <param name="localOnly">True does not let the daemon ask its peers.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>The block's length.</returns>
    /// <exception cref="IpfsException">The block is longer than the buffer, or the call failed.</exception>
    public async Task<int> ReadBlockAsync(Cid cid, Memory<byte> buffer, bool localOnly, CancellationToken ct)
    {
        var length = await FindAsync(cid, Locally(Post("block/get", $"arg={cid}"), localOnly), answer => answer.ReadAllAsync(buffer), localOnly, ct);
        return cid.Matches(buffer.Span[..length])
            ? length
            : throw new ContentCorruptException(cid, $"{Url.Authority} gave {length} bytes that do not hash to it.");
    }

    /// <summary>Asks for a block's length without reading it.</summary>
    /// <inheritdoc cref="GetBlockAsync" path="/param"/>
    /// <exception cref="ContentNotFoundException">The daemon did not get hold of it within the time set.</exception>
    public async Task<long> GetBlockSizeAsync(Cid cid, bool localOnly, CancellationToken ct)
    {
        var call = Locally(Post("block/stat", $"arg={cid}"), localOnly);
        var answer = await FindAsync(cid, call, async body =>
            IpfsLines.Parse((await body.ReadAllAsync(MaxAnswer)).Span, call.Name, KuboJson.Default.BlockAnswer), localOnly, ct);
        return ParseCid(call.Name, answer.Key).Equals(cid) && answer.Size is >= 0 ? answer.Size.Value : throw Malformed(call.Name);
    }

    /// <summary>Removes a block from the daemon's own store; absent is fine.</summary>
    /// <exception cref="IpfsException">Something pins it.</exception>
    public async Task RemoveBlockAsync(Cid cid, CancellationToken ct)
    {
        // A daemon looks through the nodes of everything that it pins first.
        var call = Post("block/rm", $"arg={cid}&force=true") with { Timeout = options.PinTimeout };
        await foreach (var line in LinesAsync(call, KuboJson.Default.BlockRemoved, ct))
        {
            if (line.Error is { Length: > 0 } error)
                throw new IpfsException("block/rm", IpfsFailure.Refused, IpfsErrors.Tidy(error));
        }
    }

    /// <summary>Lists the blocks that the daemon holds; those of kinds that this project never makes are left out.</summary>
    /// <remarks>Kubo lists every block as raw, whatever it is: compare <see cref="Cid.Digest"/>.</remarks>
    public async IAsyncEnumerable<Cid> ListBlocksAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var line in LinesAsync(Post("refs/local", ""), KuboJson.Default.RefLine, ct))
        {
            if (line.Err is { Length: > 0 } error)
                throw new IpfsException("refs/local", IpfsFailure.Refused, IpfsErrors.Tidy(error));
            if (CidText.TryParse(line.Ref, out var cid))
                yield return cid;
        }
    }

    /// <summary>Streams a file's bytes as the daemon puts them together. They are NOT verified; a break in mid-stream is noticed.</summary>
    /// <param name="cid">The file.</param>
    /// <param name="offset">First byte, from 0.</param>
    /// <param name="length">Most bytes to give; null is all.</param>
    /// <param name="ct">Ends the wait for the first byte.</param>
    /// <exception cref="ContentNotFoundException">The daemon did not get hold of it within the time set.</exception>
    public async Task<Stream> CatAsync(Cid cid, long offset, long? length, CancellationToken ct)
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"arg={cid}&offset={offset}{(length is null ? "" : $"&length={length}")}&progress=false");
        try
        {
            return await transport.OpenAsync(Post("cat", range) with { Timeout = options.FetchTimeout }, ct);
        }
        catch (IpfsException e) when (e.SaysAbsent || e.Failure is IpfsFailure.TimedOut)
        {
            throw await AbsentAsync(cid, e, localOnly: false, ct);
        }
    }

    private IpfsCall Locally(IpfsCall call, bool localOnly) => localOnly
        ? Patient(call with { Path = call.Path + "&offline=true" }, options.LocalTimeout)
        : Patient(call, options.FetchTimeout);

    private async Task<T> FindAsync<T>(Cid cid, IpfsCall call, Func<IpfsAnswer, ValueTask<T>> read, bool localOnly, CancellationToken ct)
    {
        try
        {
            return await transport.CallAsync(call, read, ct);
        }
        catch (IpfsException e) when (e.SaysAbsent || e.Failure is IpfsFailure.TimedOut)
        {
            throw await AbsentAsync(cid, e, localOnly, ct);
        }
    }

    // A private swarm lets the search for an absent block hang. A daemon that hangs itself looks the same, save that it answers nothing else.
    // One that was asked for its own blocks only, and does so (Kubo), is slow: that must not pass for a lost block.
    private async Task<Exception> AbsentAsync(Cid cid, IpfsException found, bool localOnly, CancellationToken ct)
    {
        if (found.Failure is not IpfsFailure.TimedOut && !(localOnly && found.RanOutOfTime))
            return new ContentNotFoundException(cid);
        var version = await GetVersionAsync(ct);
        return localOnly && version.IsKubo
            ? new IpfsException(found.Call, IpfsFailure.TimedOut, found.Reason, found.Status, found)
            : new ContentNotFoundException(cid);
    }

    private static MultipartFormDataContent Multipart(params ReadOnlySpan<HttpContent> parts)
    {
        var form = new MultipartFormDataContent();
        foreach (var part in parts)
        {
            part.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream"); // js-ipfs refuses a part without one
            form.Add(part, "file", "content");
        }
        return form;
    }
}
