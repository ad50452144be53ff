using Google.Protobuf;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>
/// Remembers signatures that were found right, so that a process in which several parts look at the same one verifies it once.
/// What was found wrong is never remembered.
/// </summary>
/// <param name="most">Most signatures that are remembered; past it the older half is forgotten.</param>
internal sealed class VerifiedSignatures(int most)
{
    private readonly Lock gate = new();
    private HashSet<Entry> young = new(most / 2);
    private HashSet<Entry> old = new(most / 2);

    /// <summary>Whether the signature over the data with this SHA-256 hash is this identity's.</summary>
    public bool Verify(MspIdentity identity, byte[] hash, ByteString signature)
    {
        var entry = new Entry(identity, hash, signature);
        lock (gate)
        {
            if (young.Contains(entry) || old.Contains(entry))
                return true;
        }
        if (!identity.PublicKey.VerifyHash(hash, signature.Span))
            return false;
        Add(entry with { Signature = ByteString.CopyFrom(signature.Span) }); // it may be part of a large message
        return true;
    }

    /// <summary>Takes note of a signature that this process has just made itself.</summary>
    public void Add(MspIdentity identity, byte[] hash, ByteString signature) => Add(new Entry(identity, hash, signature));

    private void Add(Entry entry)
    {
        lock (gate)
        {
            young.Add(entry);
            if (young.Count < most / 2)
                return;
            (old, young) = (young, old);
            young.Clear();
        }
    }

    private readonly record struct Entry(MspIdentity Identity, byte[] Hash, ByteString Signature)
    {
        public bool Equals(Entry other) => ReferenceEquals(Identity, other.Identity)
            && Hash.AsSpan().SequenceEqual(other.Hash) && Signature.Equals(other.Signature);

        public override int GetHashCode() => BitConverter.ToInt32(Hash);
    }
}
