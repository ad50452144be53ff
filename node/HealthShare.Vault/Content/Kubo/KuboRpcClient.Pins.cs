using System.Runtime.CompilerServices;
using HealthShare.Vault.Content.Ipfs;

namespace HealthShare.Vault.Content.Kubo;

public sealed partial class KuboRpcClient
{
    /// <summary>Pins a content with all its blocks; the daemon fetches from its peers what it lacks. Pinned already is fine.</summary>
    /// <exception cref="ContentNotFoundException">Not all of it could be had within <see cref="KuboRpcOptions.PinTimeout"/>.</exception>
    public async Task PinAsync(Cid cid, CancellationToken ct)
    {
        var call = Patient(Post("pin/add", $"arg={cid}&recursive=true"), options.PinTimeout);
        var answer = await FindAsync(cid, call, async body =>
            IpfsLines.Parse((await body.ReadAllAsync(MaxAnswer)).Span, call.Name, KuboJson.Default.PinsAnswer), localOnly: false, ct);
        if (answer.Pins is not [var pinned] || !ParseCid(call.Name, pinned).Equals(cid))
            throw Malformed(call.Name);
    }

    /// <summary>Takes the pin of a content away; not pinned is fine.</summary>
    public async Task UnpinAsync(Cid cid, CancellationToken ct)
    {
        try
        {
            await CallAsync("pin/rm", $"arg={cid}&recursive=true", KuboJson.Default.PinsAnswer, ct);
        }
        catch (IpfsException e) when (e.SaysNotPinned)
        {
            // What is wanted is so.
        }
    }

    /// <summary>True when the content itself is pinned with all its blocks.</summary>
    public async Task<bool> IsPinnedAsync(Cid cid, CancellationToken ct)
    {
        try
        {
            await transport.CallAsync(Post("pin/ls", $"arg={cid}&type=recursive"), answer => answer.ReadAllAsync(MaxAnswer), ct);
            return true;
        }
        catch (IpfsException e) when (e.SaysNotPinned)
        {
            return false;
        }
    }

    /// <summary>Lists what is pinned with all its blocks, as it comes; CIDs that this project never makes are left out.</summary>
    public async IAsyncEnumerable<Cid> ListPinsAsync([EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var line in LinesAsync(Post("pin/ls", "type=recursive&stream=true"), KuboJson.Default.PinLine, ct))
        {
            if (CidText.TryParse(line.Cid, out var cid))
                yield return cid;
        }
    }
}
