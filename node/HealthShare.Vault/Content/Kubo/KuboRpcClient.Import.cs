using System.Globalization;
using System.Runtime.ExceptionServices;
using HealthShare.Vault.Content.Ipfs;

namespace HealthShare.Vault.Content.Kubo;

public sealed partial class KuboRpcClient
{
    /// <summary>Cuts content into blocks here and streams them to the daemon, so that the CID never depends on its settings.</summary>
    /// <remarks>
    /// Two CARs go in one <c>dag/import</c>: the blocks, then the root that they gave. The daemon pins under the lock that keeps
    /// its garbage collection out from the first block on. Repeated only while nothing of the content has been read.
    /// </remarks>
    /// <param name="content">Read once, to its end.</param>
    /// <param name="layout">How it is cut.</param>
    /// <param name="pin">False leaves it to the next garbage collection.</param>
    /// <param name="ct">Ends the upload; blocks that were sent stay, unpinned.</param>
    /// <exception cref="IpfsException">Not all of it was stored, or not pinned where that was asked for.</exception>
    public async Task<StoredContent> ImportAsync(Stream content, ContentLayout layout, bool pin, CancellationToken ct)
    {
        CarContent? car = null;
        var call = Post("dag/import", pin ? "pin-roots=true" : "pin-roots=false") with
        {
            Content = clock =>
            {
                car = new CarContent(content, layout, clock, options.PinTimeout);
                return Multipart(car, new CarRootContent(() => car.Stored!.Cid));
            },
            MayRepeat = () => car is not { HasBegun: true },
        };
        var pinned = false;
        try
        {
            await foreach (var line in LinesAsync(call, KuboJson.Default.ImportLine, ct))
                pinned |= car?.Stored is { } sent && IsPinned(call.Name, line, sent.Cid);
        }
        catch (ContentSourceException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerException!);
        }
        if (car?.Stored is not { } stored)
            throw new IpfsException(call.Name, IpfsFailure.BadAnswer, "the daemon answered before it had all of the content.");
        return pinned || !pin ? stored : throw new IpfsException(call.Name, IpfsFailure.BadAnswer, "the daemon did not say that it pinned.");
    }

    /// <summary>Stores one block, without pinning it.</summary>
    /// <returns>Its CID.</returns>
    public async Task<Cid> PutBlockAsync(CidCodec codec, ReadOnlyMemory<byte> block, CancellationToken ct)
    {
        // As a CAR too: block/put names codecs differently from daemon to daemon.
        var cid = Cid.Of(codec, block.Span);
        var call = Post("dag/import", "pin-roots=false") with
        {
            Content = _ => Multipart(new ByteArrayContent(
                [.. CarFormat.Header.Span, .. CarFormat.Prefix(cid, block.Length).Span, .. block.Span])),
        };
        await transport.CallAsync(call, answer => answer.ReadAllAsync(MaxAnswer), ct);
        return cid;
    }

    /// <summary>Lets the daemon cut and store content by its own code, every parameter given. The stores use <see cref="ImportAsync"/>.</summary>
    /// <remarks>js-ipfs ignores the number of links: above 174 leaves its CID is another one.</remarks>
    public async Task<Cid> AddAsync(Stream content, ContentLayout layout, bool pin, CancellationToken ct)
    {
        var query = string.Create(CultureInfo.InvariantCulture, $"cid-version=1&raw-leaves=true&hash=sha2-256&chunker=size-{layout.ChunkSize}"
            + $"&max-file-links={layout.MaxLinks}&trickle=false&inline=false&nocopy=false&wrap-with-directory=false"
            + $"&preserve-mode=false&preserve-mtime=false&progress=false&quieter=true&pin={(pin ? "true" : "false")}");
        var call = Post("add", query) with { Content = _ => Multipart(new StreamContent(content)), Timeout = options.PinTimeout, MayRepeat = () => false };
        string? last = null;
        await foreach (var line in LinesAsync(call, KuboJson.Default.AddedAnswer, ct))
            last = line.Hash ?? last;
        return ParseCid(call.Name, last);
    }

    private static bool IsPinned(string call, ImportLine line, Cid expected)
    {
        if (line.Root is not { } root || !ParseCid(call, root.Cid?.Text).Equals(expected))
            return false;
        return root.PinErrorMsg is not { Length: > 0 } error
            ? true
            : throw new IpfsException(call, IpfsFailure.Refused, IpfsErrors.Tidy(error));
    }
}
