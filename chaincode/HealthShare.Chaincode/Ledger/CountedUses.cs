using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace HealthShare.Chaincode.Ledger;

/// <summary>
/// The uses of counted permits. A permit of n uses has n slots, each a key of its own that is written once. A request tries
/// them in an order of its own and takes the first free one, so that two requests at once collide only where both take the same
/// slot; of a permit with one use left, always. Endorsers and auditors find the same slot.
/// </summary>
internal static class CountedUses
{
    /// <summary>Where a request stands with a counted permit.</summary>
    /// <param name="Held">True when the request took a use of it before.</param>
    /// <param name="Free">The slot that it would take; null when it holds one, or all are taken.</param>
    public readonly record struct Claim(bool Held, int? Free);

    /// <summary>Finds what a request has, or could take, of a permit. Reads no slot beyond the one it finds.</summary>
    public static async Task<Claim> FindAsync(
        ILedgerState state, string patientId, string statementId, int uses, AccessRef access, CancellationToken ct)
    {
        var start = StartOf(statementId, access, uses);
        for (var i = 0; i < uses; i++)
        {
            var slot = (start + i) % uses;
            if (await state.GetAsync(LedgerKey.Use(patientId, statementId, slot), ct) is not { } taken)
                return new Claim(false, slot);
            // Slots are never given back: one's own comes before any free one.
            if (IsOf(taken, access))
                return new Claim(true, null);
        }
        return new Claim(false, null);
    }

    /// <summary>How many uses of a permit were spent.</summary>
    public static async Task<int> CountAsync(ILedgerState state, string patientId, string statementId, CancellationToken ct)
    {
        var count = 0;
        await foreach (var _ in state.ListAsync(LedgerKind.Use, [patientId, statementId], ct))
            count++;
        return count;
    }

    private static bool IsOf(byte[] taken, AccessRef access)
    {
        try
        {
            return JsonSerializer.Deserialize(taken, LedgerJson.Default.UseEntry) is { } use
                && use.Requester == access.Requester && use.AccessId == access.AccessId;
        }
        catch (JsonException)
        {
            return false; // taken, by nobody that could be named
        }
    }

    private static int StartOf(string statementId, AccessRef access, int uses)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"{statementId}|{access.Requester}|{access.AccessId}")), hash);
        return (int)(BinaryPrimitives.ReadUInt32BigEndian(hash) % (uint)uses);
    }
}
