using System.Collections.Concurrent;
using System.Security.Cryptography;
using Google.Protobuf;

namespace HealthShare.Fabric.Protocol.Msp;

/// <summary>The MSPs of a channel by id, with the identities met lately, so that each is validated once.</summary>
public sealed class MspDirectory
{
    private const int MostKept = 2_000;
    private const int LongestKept = 16 * 1024; // bytes; a certificate takes one or two thousand
    private readonly Dictionary<string, FabricMsp> msps;
    private readonly ConcurrentDictionary<ByteString, MspIdentity> known = new(new WholeContent());

    /// <summary>Lists the channel's MSPs.</summary>
    /// <exception cref="FabricDataException">Two of them have the same id.</exception>
    public MspDirectory(IEnumerable<FabricMsp> msps)
    {
        this.msps = new(StringComparer.Ordinal);
        foreach (var msp in msps)
        {
            if (!this.msps.TryAdd(msp.MspId, msp))
                throw new FabricDataException($"Two MSPs of the channel are called '{msp.MspId}'.");
        }
    }

    /// <summary>MSP ids of the channel.</summary>
    public IReadOnlyCollection<string> MspIds => msps.Keys;

    /// <summary>The MSP with this id, or null.</summary>
    public FabricMsp? Find(string mspId) => msps.GetValueOrDefault(mspId);

    /// <summary>Reads a serialized identity, such as a creator or an endorser; it need not be valid.</summary>
    /// <param name="serialized">A serialized <c>msp.SerializedIdentity</c>.</param>
    /// <exception cref="FabricDataException">It cannot be read, or its MSP is not of the channel.</exception>
    public MspIdentity Read(ByteString serialized)
    {
        if (known.TryGetValue(serialized, out var identity))
            return identity;
        var parts = SerializedIdentity.Parser.Read(serialized, "identity");
        var msp = Find(parts.Mspid) ?? throw new FabricDataException(parts.Mspid.Length is 0 or > 100
            ? "The identity's MSP is not of the channel."
            : $"The identity's MSP '{parts.Mspid}' is not of the channel.");
        identity = msp.Read(parts.IdBytes.Span);
        if (serialized.Length > LongestKept)
            return identity;
        if (known.Count >= MostKept) // strangers' certificates must not fill the memory
            known.Clear();
        // A copy: what was read may be part of a large message.
        return known.GetOrAdd(ByteString.CopyFrom(serialized.Span), identity);
    }

    /// <summary>Reads the identity and checks that it is valid and that it made the signature.</summary>
    /// <returns>The signer, or null and what is wrong.</returns>
    public MspIdentity? Verify(ByteString serialized, ReadOnlySpan<byte> data, ByteString signature, out string fault) =>
        VerifyHash(serialized, SHA256.HashData(data), signature, out fault);

    /// <summary>As <see cref="Verify"/>, for data hashed by the caller.</summary>
    internal MspIdentity? VerifyHash(ByteString serialized, byte[] hash, ByteString signature, out string fault)
    {
        MspIdentity identity;
        try
        {
            identity = Read(serialized);
        }
        catch (FabricDataException e)
        {
            fault = e.Message;
            return null;
        }
        fault = identity.Invalidity is { } invalidity ? $"The certificate of {identity.MspId} {invalidity}."
            : !HasSigned(identity, hash, signature) ? $"The signature is not that of the certificate of {identity.MspId}."
            : "";
        return fault.Length == 0 ? identity : null;
    }

    /// <summary>Signatures that were verified already; null (the default) remembers none.</summary>
    internal VerifiedSignatures? Verified { get; set; }

    /// <summary>Whether the signature over the data with this SHA-256 hash is the identity's, valid or not.</summary>
    internal bool HasSigned(MspIdentity identity, byte[] hash, ByteString signature) =>
        Verified is { } verified ? verified.Verify(identity, hash, signature) : identity.PublicKey.VerifyHash(hash, signature.Span);

    // An identity is looked up several times for each transaction, and hashing it byte by byte takes longer than all else about that.
    private sealed class WholeContent : IEqualityComparer<ByteString>
    {
        public bool Equals(ByteString? x, ByteString? y) => x!.Span.SequenceEqual(y!.Span);

        public int GetHashCode(ByteString bytes)
        {
            var hash = new HashCode();
            hash.AddBytes(bytes.Span);
            return hash.ToHashCode();
        }
    }
}
