using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace HealthShare.Fabric.Client.Verification;

/// <summary>The ids of all transactions so far, 16 bytes each, to find one that comes twice.</summary>
internal sealed class SeenTransactionIds
{
    private readonly HashSet<UInt128> seen = [];

    public bool Contains(string id) => seen.Contains(Short(id));

    public void Add(string id) => seen.Add(Short(id));

    // Ids of malformed transactions can be anything, so they are hashed before they are cut.
    private static UInt128 Short(string id) => BinaryPrimitives.ReadUInt128LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(id)));
}
