using System.Collections.Concurrent;
using Google.Protobuf;
using HealthShare.Fabric.Protocol.Msp;

namespace HealthShare.DevLedger.Network;

/// <summary>
/// Signs as one peer from many threads at once. One identity signs for one thread at a time, so there are as many copies of
/// it as threads sign together.
/// </summary>
internal sealed class PeerSigner(OrganizationMaterial material) : IDisposable
{
    private readonly SigningIdentity first = material.Node;
    private readonly ConcurrentBag<SigningIdentity> idle = [];

    public string MspId => first.MspId;

    /// <summary>The serialized identity.</summary>
    public ByteString Creator => first.Creator;

    /// <summary>Signs a SHA-256 hash.</summary>
    public byte[] SignHash(byte[] hash)
    {
        if (!idle.TryTake(out var identity))
            identity = material.Node;
        try
        {
            return identity.SignHash(hash);
        }
        finally
        {
            idle.Add(identity);
        }
    }

    public void Dispose()
    {
        first.Dispose();
        while (idle.TryTake(out var identity))
            identity.Dispose();
    }
}
