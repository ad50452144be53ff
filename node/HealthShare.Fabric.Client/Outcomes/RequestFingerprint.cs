using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace HealthShare.Fabric.Client.Outcomes;

/// <summary>
/// Tells whether two requests ask for the same. Transient data stays out: a hash of something secret and short gives it away.
/// </summary>
internal static class RequestFingerprint
{
    public static byte[] Of(TransactionRequest request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, Encoding.UTF8.GetBytes(request.Chaincode));
        Append(hash, Encoding.UTF8.GetBytes(request.Function));
        foreach (var argument in request.Arguments)
        {
            Append(hash, argument.Span);
        }
        return hash.GetHashAndReset();
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> part)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, part.Length);
        hash.AppendData(length);
        hash.AppendData(part);
    }
}
