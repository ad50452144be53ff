using System.Collections.Concurrent;
using System.Security.Cryptography;
using Google.Protobuf;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>
/// Remembers signatures that were found right, so that a process in which several parts look at the same one verifies it once.
/// What was found wrong is never remembered.
/// </summary>
/// <param name="most">Most signatures that are remembered; past it the older half is forgotten.</param>
internal sealed class VerifiedSignatures(int most)
{
    private readonly Lock aging = new();
    private volatile ConcurrentDictionary<Entry, bool> young = new();
    private volatile ConcurrentDictionary<Entry, bool> old = new();
    private int count;

    /// <summary>Whether the signature over the data is this identity's.</summary>
    public bool Verify(MspIdentity identity, ReadOnlySpan<byte> data, ByteString signature)
    {
        var entry = EntryOf(identity, data, signature, out var hash);
        if (young.ContainsKey(entry) || old.ContainsKey(entry))
            return true;
        if (!identity.PublicKey.VerifyHash(hash, signature.Span))
            return false;
        Add(entry);
        return true;
    }

    /// <summary>Takes note of a signature that this process has just made itself.</summary>
    public void Add(MspIdentity identity, ReadOnlySpan<byte> data, ByteString signature) =>
        Add(EntryOf(identity, data, signature, out _));

    private static Entry EntryOf(MspIdentity identity, ReadOnlySpan<byte> data, ByteString signature, out byte[] hash)
    {
        hash = SHA256.HashData(data);
        return new Entry(identity, ByteString.CopyFrom(hash), signature);
    }

    private void Add(Entry entry)
    {
        if (!young.TryAdd(entry, true) || Interlocked.Increment(ref count) < most / 2)
            return;
        lock (aging)
        {
            if (Volatile.Read(ref count) < most / 2)
                return;
            (old, young) = (young, new());
            Volatile.Write(ref count, 0);
        }
    }

    private readonly record struct Entry(MspIdentity Identity, ByteString Hash, ByteString Signature)
    {
        public bool Equals(Entry other) =>
            ReferenceEquals(Identity, other.Identity) && Hash.Equals(other.Hash) && Signature.Equals(other.Signature);

        public override int GetHashCode() => BitConverter.ToInt32(Hash.Span);
    }
}
